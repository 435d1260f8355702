// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// The example of RFC 6455, section 1.3.
const (
	upgradeRequest = "GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	upgradeResponse = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)

func TestHandshake(t *testing.T) {
	t.Parallel()
	connect := "CONNECT server.example.com:80 HTTP/1.1\r\nHost: server.example.com:80\r\n\r\n"
	long := strings.Repeat("a", 70<<10)
	tests := []struct {
		name   string
		passes []string // The bytes, "c" for the client's or "s" for the server's in front.
		want   string
	}{
		{"upgrade", []string{"c" + upgradeRequest, "s" + upgradeResponse + "\r\nframes"}, `upgraded "" "frames"`},
		{"line ends without carriage return", []string{"c" + strings.ReplaceAll(upgradeRequest, "\r", ""), "s" + upgradeResponse + "\n\x01"}, `upgraded "" "\x01"`},
		{"early frames", []string{"c" + upgradeRequest + "early", "s" + upgradeResponse + "\r\n"}, `upgraded "early" ""`},
		{"early hints", []string{"c" + upgradeRequest, "sHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + upgradeResponse + "\r\nx"}, `upgraded "" "x"`},
		{"compression", []string{"c" + upgradeRequest, "s" + upgradeResponse + "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits=\"12\"\r\n\r\n"}, `upgraded "" "" deflate, server without takeover`},
		{"unknown extension", []string{"c" + upgradeRequest, "s" + upgradeResponse + "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n\r\n"}, "extension"},
		{"unknown parameter", []string{"c" + upgradeRequest, "s" + upgradeResponse + "Sec-WebSocket-Extensions: permessage-deflate; x=1\r\n\r\n"}, "extension"},
		{"through a proxy", []string{"c" + connect, "sHTTP/1.1 200 OK\r\n\r\n", "c" + upgradeRequest, "s" + upgradeResponse + "\r\n"}, `upgraded "" ""`},
		{"through a proxy with TLS", []string{"c" + connect, "sHTTP/1.1 200 OK\r\n\r\n", "c\x16\x03\x01\x02\x00"}, "tunnel"},
		{"refused by the proxy", []string{"c" + connect, "sHTTP/1.1 407 Proxy Authentication Required\r\n\r\n"}, "refused"},
		{"refused", []string{"c" + upgradeRequest, "sHTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"}, "refused"},
		{"wrong accept", []string{"c" + upgradeRequest, "s" + strings.Replace(upgradeResponse, "s3p", "s4p", 1) + "\r\n"}, "accept"},
		{"no Upgrade in the response", []string{"c" + upgradeRequest, "s" + strings.Replace(upgradeResponse, "Upgrade: websocket\r\n", "", 1) + "\r\n"}, "accept"},
		{"other protocol", []string{"c" + strings.Replace(upgradeRequest, "websocket", "h2c", 1)}, "http"},
		{"GET without upgrade", []string{"cGET / HTTP/1.1\r\nHost: a\r\n\r\n"}, "http"},
		{"POST", []string{"cPOST /v1/speech HTTP/1.1\r\n"}, "http"},
		{"HTTP/2", []string{"cPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, "http2"},
		{"TLS", []string{"c\x16\x03\x01\x02\x00\x01"}, "encrypted"},
		{"AudioSocket", []string{"c\x01\x00\x10abc"}, "garbage"},
		{"long word", []string{"c" + strings.Repeat("A", 100)}, "garbage"},
		{"bad request line", []string{"cGET  \r\n\r\n"}, "garbage"},
		{"bad response", []string{"c" + upgradeRequest, "sHTTP/1.1 abc\r\n\r\n"}, "garbage"},
		{"response that is not HTTP", []string{"c" + upgradeRequest, "sRTSP/1.0 200 OK\r\n\r\n"}, "garbage"},
		{"server that speaks first", []string{"s220 mail.example.com\r\n"}, "garbage"},
		{"long request", []string{"cGET /" + long}, "head_size"},
		{"long response", []string{"c" + upgradeRequest, "sHTTP/1.1 101 " + long}, "head_size"},
		{"long early data", []string{"c" + upgradeRequest + long}, "early_data"},
		{"request that ends early", []string{"c" + upgradeRequest[:50]}, "pending"},
		{"no response", []string{"c" + upgradeRequest}, "pending"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, piece := range []int{1, 2, 5, 1000, 1 << 20} {
				if got := shake(test.passes, piece); got != test.want {
					t.Errorf("in pieces of %d: got %s, want %s", piece, got, test.want)
				}
			}
		})
	}
}

// shake describes the result of a handshake whose bytes pass in pieces.
func shake(passes []string, piece int) string {
	h := &websocket.Handshake{}
	var frames []byte
	for _, pass := range passes {
		p := []byte(pass[1:])
		for len(p) > 0 {
			n := min(piece, len(p))
			switch {
			case pass[0] == 'c':
				h.FeedClient(p[:n])
			case h.State() == websocket.Upgraded:
				frames = append(frames, p[:n]...)
			default:
				frames = append(frames, h.FeedServer(p[:n])...)
			}
			p = p[n:]
		}
	}
	switch h.State() {
	case websocket.Pending:
		return "pending"
	case websocket.Foreign:
		return h.Reason()
	case websocket.Upgraded:
	}
	out := fmt.Sprintf("upgraded %q %q", h.TakeEarly(), frames)
	if h.Request().Host != "server.example.com" || h.Request().URL.RawQuery != "x=1" || h.Response().StatusCode != http.StatusSwitchingProtocols {
		out += ", wrong heads"
	}
	if h.ClientFrames().Deflate {
		out += " deflate"
	}
	if h.ClientFrames().NoContext {
		out += ", client without takeover"
	}
	if h.ServerFrames().NoContext {
		out += ", server without takeover"
	}
	return out
}

// FuzzHandshake checks that the size of pieces makes no difference.
func FuzzHandshake(f *testing.F) {
	f.Add(upgradeRequest, upgradeResponse+"\r\nframes", byte(1))
	f.Add("\x16\x03\x01", "", byte(0))
	f.Add("CONNECT a:80 HTTP/1.1\r\n\r\n"+upgradeRequest, "HTTP/1.1 200 OK\r\n\r\n"+upgradeResponse+"\r\n", byte(7))
	f.Fuzz(func(t *testing.T, client, server string, piece byte) {
		passes := []string{"c" + client, "s" + server}
		whole := shake(passes, 1<<20)
		if got := shake(passes, int(piece)+1); got != whole {
			t.Fatalf("whole: %s, in pieces: %s", whole, got)
		}
	})
}
