// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

// Package outputs_test checks that a blocked output of log lines delays no call. A process with a
// hundred concurrent calls writes the ID of each line to a ledger before it logs the line, and tests
// compare the output with the ledger.
package outputs_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/e2e/ledger"
	"github.com/voice-agents/telemetry/e2e/slowdisk"
)

// service is a process with a hundred concurrent calls.
type service struct {
	*exec.Cmd

	ledger string
	stderr bytes.Buffer
}

func newService(t *testing.T, stdout *os.File, env ...string) *service {
	t.Helper()
	s := &service{ledger: filepath.Join(t.TempDir(), "ledger")}
	s.Cmd = exec.Command(backend.Build(t, "e2e", "spool", "writer"), "-ledger", s.ledger)
	s.Env = append(append(os.Environ(), "LOG_LEVEL=INFO"), env...)
	s.Stdout, s.Stderr = stdout, &s.stderr
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.ProcessState == nil {
			_ = s.Process.Kill()
			_ = s.Wait()
		}
	})
	return s
}

// end asks the service to end and returns the time that it took.
func (s *service) end(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Logf("the service failed: %v: %s", err, s.stderr.String())
	}
	return time.Since(start)
}

var slowest = regexp.MustCompile(`slowest turn: (\S+)`)

// checkDelay checks that no turn of the service was delayed. The promise is 10 ms; the limit is higher
// because a machine with two cores also builds and reads.
func (s *service) checkDelay(t *testing.T) {
	t.Helper()
	found := slowest.FindStringSubmatch(s.stderr.String())
	if found == nil {
		t.Fatalf("the service did not report the slowest turn: %s", s.stderr.String())
	}
	took, err := time.ParseDuration(found[1])
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the slowest turn took %v", took)
	if took > time.Second {
		t.Errorf("a turn was delayed by %v", took)
	}
}

// compare checks that the lines are those of the ledger, each at most once and in order. Lines may be
// missing.
func (s *service) compare(t *testing.T, lines io.Reader, missing int) {
	t.Helper()
	written, err := ledger.Read(s.ledger)
	if err != nil {
		t.Fatal(err)
	}
	var logged []ledger.Entry
	for _, e := range written {
		if e.Kind == "log" {
			logged = append(logged, e)
		}
	}
	var ids []string
	for reader := bufio.NewReader(lines); ; {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			break
		}
		var l struct {
			Extra struct {
				ID string `json:"ledger.id"`
			} `json:"extra_data"`
		}
		if json.Unmarshal(line, &l) != nil {
			t.Fatalf("a line is incomplete: %q", line)
		}
		if l.Extra.ID != "" {
			ids = append(ids, l.Extra.ID)
		}
	}
	v := ledger.Judge(logged, map[string][]string{"log": ids})
	t.Log(v)
	if len(logged) < 1000 || len(v.Lost) > missing || v.Twice > 0 || v.Disorder > 0 || v.Foreign > 0 {
		t.Errorf("%s; want at least 1000 written, at most %d lost, none twice, none out of order", v, missing)
	}
}

func during(d time.Duration) { <-time.After(d) }

// The standard output is not read for some seconds, as with a log driver that blocks.
func TestStdoutThatIsReadLate(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, w, "LOG_OUTPUT=console")
	_ = w.Close()
	during(3 * time.Second)
	var lines bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&lines, r)
	}()
	during(time.Second)
	s.end(t)
	<-read
	s.checkDelay(t)
	s.compare(t, &lines, 0)
}

// A standard output that is never read does not delay the end of the service, which reports the number
// of lines that were not written.
func TestStdoutThatIsNeverRead(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := newService(t, w, "LOG_OUTPUT=console")
	_ = w.Close()
	during(3 * time.Second)
	if took := s.end(t); took > 15*time.Second {
		t.Errorf("the service ended after %v, want at most 10 s", took)
	}
	s.checkDelay(t)
	if !strings.Contains(s.stderr.String(), "lines were not written") {
		t.Errorf("the service did not report the lines that were not written: %s", s.stderr.String())
	}
}

// The disk of the log file hangs for some seconds.
func TestLogDiskThatHangs(t *testing.T) {
	for _, buffer := range []string{"0", "64KB"} {
		t.Run(fmt.Sprintf("with a buffer of %s", buffer), func(t *testing.T) {
			dir := t.TempDir()
			var disk sync.RWMutex // Locked while writes hang.
			slowdisk.Mount(t, dir, func() {
				disk.RLock()
				defer disk.RUnlock()
			})
			path := filepath.Join(dir, "app.log")
			s := newService(t, nil, "LOG_OUTPUT=file", "LOG_FILE="+path, "LOG_MAX_FILE_SIZE=1GB", "LOG_FILE_BUFFER="+buffer)
			during(time.Second)
			disk.Lock()
			during(3 * time.Second)
			disk.Unlock()
			during(time.Second)
			s.end(t)
			s.checkDelay(t)
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			s.compare(t, file, 0)
		})
	}
}
