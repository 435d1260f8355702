// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package trial runs agents against scripted vendors and compares the stages that they record.
package trial

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/voice-agents/telemetry/examples/dropin/internal/vendors"
)

// A program is an agent that runs.
type program struct {
	cmd     *exec.Cmd
	address string
	out     *output
}

var listening = regexp.MustCompile(`"?listening"?.*address"?[=:]"?(127\.0\.0\.1:\d+)`)

// start starts an agent that uses the vendors, and waits until it listens. Its spans are JSON lines
// on its standard output.
func start(ctx context.Context, binary string, v *vendors.Server) (*program, error) {
	p := &program{cmd: exec.CommandContext(ctx, binary), out: &output{addresses: make(chan string, 1)}} // #nosec G204 -- built by this program
	p.cmd.Env = append(os.Environ(),
		"LISTEN=127.0.0.1:0", "OTEL_TRACES_EXPORTER=console", "OTEL_METRICS_EXPORTER=none",
		"OPENAI_BASE_URL="+v.URL+"/v1/", "OPENAI_API_KEY=key", "OPENAI_REALTIME_URL=ws://"+v.Host()+"/v1/realtime",
		"ANTHROPIC_BASE_URL="+v.URL, "ANTHROPIC_API_KEY=key",
		"ELEVENLABS_BASE_URL="+v.URL, "ELEVENLABS_API_KEY=key",
		"DEEPGRAM_HOST=ws://"+v.Host(), "DEEPGRAM_API_KEY=key")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	select {
	case p.address = <-p.out.addresses:
		return p, nil
	case <-time.After(30 * time.Second):
		err := errors.New("it does not listen")
		if stopped := p.stop(); stopped != nil {
			err = stopped
		}
		return nil, fmt.Errorf("%s: %w\n%s", binary, err, p.out.text())
	}
}

// stop ends the program by SIGTERM, as a roll-out does.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

// output keeps what a program prints, and finds the address on which it listens.
type output struct {
	addresses chan string

	mu    sync.Mutex
	buf   bytes.Buffer
	found bool
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.buf.Write(p)
	if !o.found {
		if m := listening.FindSubmatch(o.buf.Bytes()); m != nil {
			o.found = true
			o.addresses <- string(m[1])
		}
	}
	return n, err
}

func (o *output) text() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.buf.Bytes())
}

// lines calls f for each line.
func lines(text []byte, f func([]byte) error) error {
	r := bufio.NewReader(bytes.NewReader(text))
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			if err := f(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}
