// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// The key with which services and participants authenticate to a [LiveKit].
const (
	LiveKitKey    = "devkey"
	LiveKitSecret = "secretsecretsecretsecretsecretsecret"
)

// A LiveKit is a running livekit-server.
type LiveKit struct {
	*Process

	URL string // Of its WebSocket.
}

// NewLiveKit builds livekit-server from its module and starts it on free loopback ports. It sends its webhooks to
// hook, if that is not empty.
func NewLiveKit(tb testing.TB, hook string) *LiveKit {
	tb.Helper()
	port, path := freeport.TCP(tb), filepath.Join(tb.TempDir(), "livekit.yaml")
	// tcp_port is 0, because the server would listen on it at every interface. The address of the STUN server keeps
	// it from asking one on the internet.
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
  stun_servers: ["127.0.0.1:3478"]
keys: {%s: %s}
logging: {level: warn}
`, port, freeUDP(tb), LiveKitKey, LiveKitSecret)
	if hook != "" {
		config += fmt.Sprintf("webhook: {api_key: %s, urls: [%q]}\n", LiveKitKey, hook)
	}
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	return &LiveKit{
		Process: Start(tb, "livekit-server", Tool(tb, "livekit", "server"), []string{"--config", path}, nil, Answers(tb, "http://"+address+"/")),
		URL:     "ws://" + address,
	}
}

func freeUDP(tb testing.TB) int {
	tb.Helper()
	l, err := new(net.ListenConfig).ListenPacket(tb.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.LocalAddr().(*net.UDPAddr).Port
}
