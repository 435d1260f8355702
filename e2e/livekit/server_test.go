// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package livekit_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

const (
	apiKey    = "devkey"
	apiSecret = "secretsecretsecretsecretsecretsecret"
)

// server is a real livekit-server, built from its module.
type server struct {
	*backend.Process

	port int
}

// newServer builds a server and starts it on free loopback ports. It sends its webhooks to hook.
func newServer(t *testing.T, hook string) *server {
	t.Helper()
	port, path := freeport.TCP(t), filepath.Join(t.TempDir(), "livekit.yaml")
	// tcp_port is 0, because the server would listen on it at every interface.
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
`, port, freeUDP(t), apiKey, apiSecret, apiKey, hook)
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return &server{
		Process: backend.Start(t, "livekit-server", backend.Tool(t, "livekit", "server"), []string{"--config", path}, nil,
			backend.Answers(t, fmt.Sprintf("http://127.0.0.1:%d/", port))),
		port: port,
	}
}

func (s *server) url() string { return fmt.Sprintf("ws://127.0.0.1:%d", s.port) }

func freeUDP(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.LocalAddr().(*net.UDPAddr).Port
}
