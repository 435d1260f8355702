// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package livekit_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	apiKey    = "devkey"
	apiSecret = "secretsecretsecretsecretsecretsecret"
)

// server is a real livekit-server, built from its module.
type server struct {
	program, config string
	port            int
	process         *exec.Cmd
}

// newServer builds a server and starts it on free ports of the loopback. Its webhooks
// go to hook.
func newServer(t *testing.T, hook string) *server {
	t.Helper()
	// The tool's module is one of its own: what the server needs is not what the SDK does.
	build := exec.CommandContext(t.Context(), "go", "tool", "-n", "server")
	build.Dir = filepath.Join("..", "servers", "livekit")
	build.Stderr = os.Stderr
	program, err := build.Output()
	if err != nil {
		t.Fatalf("build livekit-server: %v", err)
	}
	s := &server{program: strings.TrimSpace(string(program)), port: freeTCP(t), config: filepath.Join(t.TempDir(), "livekit.yaml")}
	// tcp_port 0, for the server listens to it on every interface.
	config := fmt.Sprintf(`port: %d
bind_addresses: ["127.0.0.1"]
rtc:
  tcp_port: 0
  udp_port: %d
  use_external_ip: false
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  interfaces: {includes: [lo]}
  ips: {includes: [127.0.0.1/32]}
keys: {%s: %s}
webhook: {api_key: %s, urls: [%q]}
logging: {level: warn}
`, s.port, freeUDP(t), apiKey, apiSecret, apiKey, hook)
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	t.Cleanup(func() { s.kill(t) })
	return s
}

func (s *server) url() string { return fmt.Sprintf("ws://127.0.0.1:%d", s.port) }

// start starts the server and waits until it answers.
func (s *server) start(t *testing.T) {
	t.Helper()
	s.process = exec.Command(s.program, "--config", s.config)
	s.process.Stdout, s.process.Stderr = t.Output(), t.Output()
	if err := s.process.Start(); err != nil {
		t.Fatalf("start livekit-server: %v", err)
	}
	eventually(t, "livekit-server answers", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", s.port), http.NoBody)
		if err != nil {
			return false
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// kill ends the server as the machine's failure would.
func (s *server) kill(t *testing.T) {
	t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil {
		t.Errorf("kill livekit-server: %v", err)
	}
	_ = s.process.Wait() // It was killed.
	s.process = nil
}

// eventually waits until something holds, for at most half a minute.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("in vain: %s", what)
		}
	}
}

func freeTCP(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func freeUDP(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.LocalAddr().(*net.UDPAddr).Port
}
