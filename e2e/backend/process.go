// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package backend builds, starts and queries the real servers that receive telemetry, on free loopback
// ports and with the configuration files of deploy.
package backend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// A Process is a running server. It is killed when its test ends, if it still runs.
type Process struct {
	name    string
	program string
	args    []string
	env     []string
	ready   func() bool
	cmd     *exec.Cmd
}

// Start starts a server and waits until it is ready. Its output goes to the test's output.
func Start(tb testing.TB, name, program string, args, env []string, ready func() bool) *Process {
	tb.Helper()
	p := &Process{name: name, program: program, args: args, env: env, ready: ready}
	p.Start(tb)
	tb.Cleanup(func() { p.Kill(tb) })
	return p
}

// Start starts a stopped server again, with the same arguments and with the variables in env.
func (p *Process) Start(tb testing.TB, env ...string) {
	tb.Helper()
	p.cmd = exec.Command(p.program, p.args...) // Killed by the cleanup, after the test's context.
	p.cmd.Env = append(append(os.Environ(), p.env...), env...)
	if _, measures := tb.(*testing.B); !measures { // The output of a benchmark is its figures.
		p.cmd.Stdout, p.cmd.Stderr = tb.Output(), tb.Output()
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatalf("start %s: %v", p.name, err)
	}
	Eventually(tb, p.name+" is ready", p.ready)
}

// Stop asks the server to end and waits for it.
func (p *Process) Stop(tb testing.TB) {
	tb.Helper()
	p.end(tb, syscall.SIGTERM)
}

// Kill ends the server as a failure of the machine would.
func (p *Process) Kill(tb testing.TB) {
	tb.Helper()
	p.end(tb, syscall.SIGKILL)
}

// EndsWithin asks the server to end and returns whether it does so within a time.
func (p *Process) EndsWithin(tb testing.TB, limit time.Duration) bool {
	tb.Helper()
	cmd := p.cmd
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		tb.Errorf("end %s: %v", p.name, err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(limit); ; {
		select {
		case <-end:
			return false
		case <-tick.C:
		}
		var info syscall.WaitStatus
		if pid, err := syscall.Wait4(cmd.Process.Pid, &info, syscall.WNOHANG, nil); err == nil && pid == cmd.Process.Pid {
			p.cmd = nil
			return true
		}
	}
}

// PID returns the ID of the process, or 0 if it has ended.
func (p *Process) PID() int {
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

func (p *Process) end(tb testing.TB, signal os.Signal) {
	tb.Helper()
	if p.cmd == nil {
		return
	}
	if err := p.cmd.Process.Signal(signal); err != nil {
		tb.Errorf("end %s: %v", p.name, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.cmd.Wait() // Its error is that it was stopped.
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		tb.Errorf("%s did not end", p.name)
		_ = p.cmd.Process.Kill()
		<-done
	}
	p.cmd = nil
}

// building lets one build run at a time. Without it, tests that run at the same time and need the same
// program would each compile it.
var building sync.Mutex

// Tool builds a program that a module in e2e/servers declares as a tool.
func Tool(tb testing.TB, server, name string) string {
	tb.Helper()
	return run(tb, filepath.Join(root(tb), "e2e", "servers", server), "go", "tool", "-n", name)
}

// Build builds the program of the package in one of the project's directories. A program that is up to
// date is not linked again.
func Build(tb testing.TB, dir ...string) string {
	tb.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	program := filepath.Join(cache, "otelvoice-e2e", strings.Join(dir, "-"))
	run(tb, File(tb, dir...), "go", "build", "-o", program, ".")
	return program
}

// run runs a command that builds a program, and returns its output.
func run(tb testing.TB, dir, program string, args ...string) string {
	tb.Helper()
	building.Lock()
	defer building.Unlock()
	cmd := exec.CommandContext(tb.Context(), program, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("%s %s: %v", program, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// File returns the path of one of the project's files.
func File(tb testing.TB, path ...string) string {
	tb.Helper()
	return filepath.Join(append([]string{root(tb)}, path...)...)
}

// root returns the project's directory.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "deploy", "collector", "local.yaml")); err == nil {
			return dir
		}
	}
	tb.Fatal("the project's directory was not found")
	return ""
}

// Eventually waits until a condition is met, for at most half a minute. What describes the condition.
func Eventually(tb testing.TB, what string, met func() bool) {
	tb.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !met() {
		select {
		case <-tick.C:
		case <-limit:
			tb.Fatalf("condition not met within 30 s: %s", what)
		}
	}
}

// Free returns an address of the loopback that nothing listens on.
func Free(tb testing.TB) string {
	tb.Helper()
	return fmt.Sprintf("127.0.0.1:%d", freeport.TCP(tb))
}
