// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package viewer runs otelvoice view as a program beside the agent. The command is a module of its own, so that what
// it depends on is not among the dependencies of agents.
package viewer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// command is the package of the viewer.
const command = "github.com/voice-agents/telemetry/cmd/otelvoice"

// usualPort is where the pages are unless another program has the port.
const usualPort = "8686"

// stopTimeout is how long the viewer has to stop before it is killed.
const stopTimeout = 5 * time.Second

// A Viewer is a running viewer. Start makes one.
type Viewer struct {
	// Pages is the address of the pages. Endpoint is where telemetry is sent by OTLP over HTTP.
	Pages, Endpoint string

	process *exec.Cmd
	dir     string        // Has the program.
	ended   chan struct{} // Closed after the program has ended, and err is set.
	err     error
}

// Start builds the viewer with the go command, runs it, and returns when it listens. The program comes from the
// checkout that the working directory lies in, else from the latest release. The pages are at port 8686, or at any
// free port. recordings is the directory of the recordings that the pages play, or "". What the viewer reports is
// written to log. Stop ends the program.
func Start(ctx context.Context, recordings string, log io.Writer) (v *Viewer, err error) {
	dir, err := os.MkdirTemp("", "otelvoice-view-*")
	if err != nil {
		return nil, err
	}
	v = &Viewer{dir: dir, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	program, err := build(ctx, dir, log)
	if err != nil {
		return nil, err
	}
	args := []string{"view", "-port", port(ctx), "-otlp-http", "0", "-otlp-grpc", "-1"}
	if recordings != "" {
		args = append(args, "-recordings", recordings)
	}
	// The program does not end with ctx, because it receives what the agent sends when it shuts down.
	v.process = exec.CommandContext(context.WithoutCancel(ctx), program, args...) // #nosec G204 -- built above.
	detach(v.process)
	v.process.Stderr = log
	output, err := v.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := v.process.Start(); err != nil {
		return nil, fmt.Errorf("start the viewer: %w", err)
	}
	ready := make(chan struct{})
	go v.follow(output, ready)
	select {
	case <-ready:
		return v, nil
	case <-v.ended:
		return nil, fmt.Errorf("the viewer ended at once: %w", v.err)
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), v.Stop())
	}
}

// build builds the viewer into a directory, and returns the path of the program.
func build(ctx context.Context, dir string, log io.Writer) (string, error) {
	program := filepath.Join(dir, filepath.Base(command)+suffix)
	args := []string{"install", command + "@latest"}
	if sources := checkout(); sources != "" {
		args = []string{"-C", sources, "build", "-o", program, "."}
	}
	build := exec.CommandContext(ctx, "go", args...) // #nosec G204 -- the arguments are those above.
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOWORK=off")
	build.Stdout, build.Stderr = log, log
	if err := build.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("build the viewer: go %s: %w", strings.Join(args, " "), err)
	}
	return program, nil
}

// checkout returns the directory of the viewer in the checkout of the project that the working directory lies in, or
// "" if it lies in none.
func checkout() string {
	dir, err := os.Getwd()
	for err == nil {
		candidate := filepath.Join(dir, "cmd", "otelvoice")
		module, err := os.ReadFile(filepath.Join(candidate, "go.mod")) // #nosec G304 -- only compared.
		if err == nil && strings.HasPrefix(string(module), "module "+command) {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

// port returns the port of the pages: the usual one, or 0 for any if that is in use.
func port(ctx context.Context) string {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", usualPort))
	if err != nil {
		return "0"
	}
	_ = listener.Close()
	return usualPort
}

var address = regexp.MustCompile(`http://\S+`)

// follow reads what the program prints: first the address of the pages, then that for telemetry.
func (v *Viewer) follow(output io.Reader, ready chan<- struct{}) {
	defer close(v.ended)
	for lines := bufio.NewScanner(output); lines.Scan(); {
		found := address.FindString(lines.Text())
		switch {
		case found == "" || v.Endpoint != "":
		case v.Pages == "":
			v.Pages = found
		default:
			v.Endpoint = found
			close(ready)
		}
	}
	v.err = v.process.Wait()
}

// Env returns an environment in which telemetry is sent to the viewer, half a second after it was recorded. Variables
// that name a collector, or turn the telemetry off, are absent from it. The others are those of env.
func (v *Viewer) Env(env func(string) (string, bool)) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch name {
		case "OTEL_EXPORTER_OTLP_ENDPOINT":
			return v.Endpoint, true
		case "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER":
			return "", false
		case "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY":
			if value, ok := env(name); ok && value != "" {
				return value, ok
			}
			return "500", true
		}
		if strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_") {
			return "", false
		}
		return env(name)
	}
}

// Wait waits until ctx is done. It returns earlier, with an error, if the program ends.
func (v *Viewer) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-v.ended:
		return fmt.Errorf("the viewer ended: %v", v.process.ProcessState)
	}
}

// Stop ends the program, and kills it if that takes longer than 5 s. It returns an error if the program had failed
// before, or if it fails when it ends.
func (v *Viewer) Stop() error {
	err := v.stop()
	return errors.Join(err, os.RemoveAll(v.dir))
}

func (v *Viewer) stop() error {
	select {
	case <-v.ended:
		return v.err
	default:
	}
	if runtime.GOOS == "windows" { // A process cannot be interrupted there.
		err := v.process.Process.Kill()
		<-v.ended
		return err
	}
	_ = v.process.Process.Signal(os.Interrupt) // A process that has just ended cannot be asked.
	select {
	case <-v.ended:
		return v.err
	case <-time.After(stopTimeout):
		_ = v.process.Process.Kill()
		<-v.ended
		return fmt.Errorf("the viewer did not stop within %v", stopTimeout)
	}
}
