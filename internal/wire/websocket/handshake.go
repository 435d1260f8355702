// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import (
	"bufio"
	"bytes"
	"crypto/sha1" //nolint:depguard,gosec // RFC 6455 asks for SHA-1, which protects nothing here.
	"encoding/base64"
	"net/http"
	"strings"
)

// A State says how far a handshake is.
type State uint8

// The states of a handshake.
const (
	// Pending means that a head is not whole yet.
	Pending State = iota
	// Upgraded means that frames follow.
	Upgraded
	// Foreign means that the connection is not a WebSocket that can be decoded. The handshake
	// ignores more bytes.
	Foreign
)

// The reasons why a connection is foreign.
const (
	ReasonEncrypted = "encrypted"  // The client sent a TLS record: the tap is below TLS.
	ReasonTunnel    = "tunnel"     // The same after CONNECT: the tap is below TLS, in the tunnel of a proxy.
	ReasonHTTP      = "http"       // The client sent a request that asks for no WebSocket.
	ReasonHTTP2     = "http2"      // The client sent the preface of HTTP/2.
	ReasonRefused   = "refused"    // The server answered with another status than 101.
	ReasonSilent    = "silent"     // The connection ended before the server answered. Only the user of a Handshake knows it.
	ReasonAccept    = "accept"     // Sec-WebSocket-Accept or Upgrade of the response is wrong.
	ReasonExtension = "extension"  // An extension was agreed that this package does not decode.
	ReasonHeadSize  = "head_size"  // A head has more than 64 KiB.
	ReasonEarlyData = "early_data" // The client sent more than 64 KiB before the response.
	ReasonGarbage   = "garbage"    // The bytes are not HTTP/1.
)

// MaxHead is how many bytes a head may have, and how many bytes of the client are kept until the
// response is known.
const MaxHead = 64 << 10

// A Handshake reads the heads of an upgrade. It is not safe for concurrent use.
type Handshake struct {
	state     State
	isTunnel  bool // A proxy has connected.
	reason    string
	request   *http.Request
	response  *http.Response
	extension extension

	client, server head
	early          []byte
}

// State reports how far the handshake is.
func (h *Handshake) State() State { return h.state }

// Reason returns why the state is [Foreign].
func (h *Handshake) Reason() string { return h.reason }

// Request returns the request, or nil if it is not known.
func (h *Handshake) Request() *http.Request { return h.request }

// Response returns the response without its body, or nil if it is not known.
func (h *Handshake) Response() *http.Response { return h.response }

// ClientFrames returns the configuration of the decoder of the client's frames.
func (h *Handshake) ClientFrames() Config {
	return Config{Client: true, Deflate: h.extension.deflate, NoContext: h.extension.clientNoContext}
}

// ServerFrames returns the configuration of the decoder of the server's frames.
func (h *Handshake) ServerFrames() Config {
	return Config{Deflate: h.extension.deflate, NoContext: h.extension.serverNoContext}
}

// TakeEarly returns the frames that the client sent before the response, and forgets them.
func (h *Handshake) TakeEarly() []byte {
	early := h.early
	h.early = nil
	return early
}

// FeedClient reads bytes of the client. It keeps a copy of those after the request: see TakeEarly.
func (h *Handshake) FeedClient(p []byte) {
	if h.state != Pending || len(p) == 0 {
		return
	}
	if h.request == nil {
		n := h.client.take(p)
		p = p[n:]
		if reason := h.client.foreignRequest(); reason != "" {
			if reason == ReasonEncrypted && h.isTunnel {
				reason = ReasonTunnel
			}
			h.end(reason)
			return
		}
		if !h.client.whole {
			return
		}
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(h.client.bytes)))
		if err != nil {
			h.end(ReasonGarbage)
			return
		}
		h.client = head{}
		h.Requested(request)
	}
	if h.state != Pending {
		return
	}
	if len(h.early)+len(p) > MaxHead {
		h.end(ReasonEarlyData)
		return
	}
	h.early = append(h.early, p...)
}

// Requested takes a request whose head does not pass.
func (h *Handshake) Requested(request *http.Request) {
	h.request = request
	if request.Method != http.MethodConnect && !IsUpgrade(request) {
		h.end(ReasonHTTP)
	}
}

// FeedServer reads bytes of the server. It returns those after the response, if it upgraded the
// connection.
func (h *Handshake) FeedServer(p []byte) []byte {
	for h.state == Pending && len(p) > 0 {
		if h.request == nil { // The server spoke first, or a client's byte was missed.
			h.end(ReasonGarbage)
			return nil
		}
		n := h.server.take(p)
		p = p[n:]
		if reason := h.server.foreignResponse(); reason != "" {
			h.end(reason)
			return nil
		}
		if !h.server.whole {
			return nil
		}
		response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(h.server.bytes)), h.request) //nolint:bodyclose // The bytes end with the head.
		if err != nil {
			h.end(ReasonGarbage)
			return nil
		}
		response.Body = http.NoBody
		h.server = head{}
		h.Responded(response)
	}
	if h.state == Upgraded {
		return p
	}
	return nil
}

// Responded takes a response whose head does not pass. The request must be known.
func (h *Handshake) Responded(response *http.Response) {
	if h.state != Pending || h.request == nil {
		return
	}
	if h.request.Method == http.MethodConnect && response.StatusCode/100 == 2 {
		// The proxy has connected. What follows is between the client and the server.
		h.request, h.isTunnel = nil, true
		early := h.TakeEarly()
		h.FeedClient(early)
		return
	}
	if response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols {
		return
	}
	h.response = response
	switch {
	case response.StatusCode != http.StatusSwitchingProtocols:
		h.end(ReasonRefused)
	case !hasToken(response.Header, "Upgrade", "websocket"),
		get(response.Header, "Sec-WebSocket-Accept") != accept(get(h.request.Header, "Sec-WebSocket-Key")):
		h.end(ReasonAccept)
	case !h.extension.agree(values(response.Header, "Sec-WebSocket-Extensions")):
		h.end(ReasonExtension)
	default:
		h.state = Upgraded
	}
}

// end makes the connection foreign.
func (h *Handshake) end(reason string) {
	h.state, h.reason = Foreign, reason
	h.client, h.server, h.early = head{}, head{}, nil
}

// accept returns the Sec-WebSocket-Accept of a key (RFC 6455, section 4.2.2).
func accept(key string) string {
	//nolint:gosec // RFC 6455 asks for SHA-1, which protects nothing here.
	sum := sha1.Sum([]byte(strings.TrimSpace(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// hasToken reports whether a header is a list with a token.
func hasToken(header http.Header, name, token string) bool {
	for _, value := range values(header, name) {
		for item := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// get returns the first value of a header.
func get(header http.Header, name string) string {
	if v := values(header, name); len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// values returns the values of a header. gorilla/websocket and others store names that are not
// canonical.
func values(header http.Header, name string) []string {
	if v := header.Values(name); len(v) > 0 {
		return v
	}
	for key, v := range header {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return nil
}

// IsUpgrade reports whether a request asks for a WebSocket.
func IsUpgrade(request *http.Request) bool {
	return request.Method == http.MethodGet && hasToken(request.Header, "Upgrade", "websocket")
}
