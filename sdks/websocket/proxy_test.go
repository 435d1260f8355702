// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/voice-agents/telemetry/internal/conn"
	"github.com/voice-agents/telemetry/internal/wire/websocket"
)

// proxyTo starts a proxy that connects each client to one address, whatever server it asks for.
func proxyTo(t *testing.T, scheme, address string, config *tls.Config) *url.URL {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	if scheme == "https" {
		listener = tls.NewListener(listener, config)
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go tunnel(c, strings.HasPrefix(scheme, "socks"), address)
		}
	}()
	proxy := &url.URL{Scheme: scheme, Host: listener.Addr().String(), User: url.UserPassword("agent", "secret")}
	return proxy
}

// tunnel serves a client of a proxy.
func tunnel(c net.Conn, isSocks bool, address string) {
	defer func() { _ = c.Close() }()
	from := bufio.NewReader(c)
	if isSocks {
		if !socks(c, from) {
			return
		}
	} else {
		r, err := http.ReadRequest(from)
		if err != nil || r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") == "" {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	}
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(c, server)
		_ = c.Close()
	}()
	_, _ = io.Copy(server, from)
}

// socks does the handshake of SOCKS 5 with a password: RFC 1928 and RFC 1929.
func socks(c net.Conn, from *bufio.Reader) bool {
	read := func(n int) []byte {
		p := make([]byte, n)
		_, _ = io.ReadFull(from, p)
		return p
	}
	_ = read(int(read(2)[1]))
	_, _ = c.Write([]byte{5, 2})
	_ = read(int(read(2)[1]))
	_ = read(int(read(1)[0]))
	_, _ = c.Write([]byte{1, 0})
	switch read(4)[3] {
	case 1:
		_ = read(net.IPv4len + 2)
	case 3:
		_ = read(int(read(1)[0]) + 2)
	default:
		return false
	}
	_, err := c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return err == nil
}

// Connections through a proxy work with the dial functions of a tap as they do without. What gorilla/websocket sends
// is recorded. http.Transport does TLS by itself in the tunnel, so that it is not.
func TestTapThroughProxies(t *testing.T) {
	t.Parallel()
	const recorded = "recorded"
	for _, tt := range []struct {
		library, proxy, server, want string
	}{
		{"gorilla", "http", "ws", recorded},
		{"gorilla", "http", "wss", recorded},
		{"gorilla", "socks5", "ws", websocket.ReasonGarbage},
		{"gorilla", "socks5", "wss", recorded},
		{"coder", "http", "wss", websocket.ReasonTunnel},
		{"coder", "https", "wss", websocket.ReasonTunnel},
		{"coder", "socks5", "wss", websocket.ReasonGarbage},
	} {
		for _, host := range []string{"example.com", "127.0.0.1"} { // The certificate of httptest has both.
			t.Run(fmt.Sprintf("%s, %s to %s of %s", tt.library, tt.proxy, tt.server, host), func(t *testing.T) {
				t.Parallel()
				address, config, end := echo(libraries[0], false, tt.server == "wss", func(*http.Request) *conn.Observer { return nil })
				defer end()
				server, err := url.Parse(address)
				if err != nil {
					t.Fatal(err)
				}
				certificate := httptest.NewUnstartedServer(nil)
				certificate.StartTLS()
				proxy := proxyTo(t, tt.proxy, server.Host, &tls.Config{Certificates: certificate.TLS.Certificates, MinVersion: tls.VersionTLS12})
				certificate.Close()
				server.Host = net.JoinHostPort(host, server.Port())
				if config == nil {
					config = &tls.Config{MinVersion: tls.VersionTLS12}
				}

				r := newRecord()
				d := dialer(r)
				d.TLS = config
				s, err := dialThrough(t, tt.library, server.String(), proxy, config, d)
				if err != nil {
					t.Fatal(err)
				}
				lines := converse(t, s)
				_ = s.close() // The proxy may be gone, so that the close of TLS fails.
				if tt.want == recorded {
					r.check(t, "client", lines, true)
					return
				}
				<-r.last
				if r.foreign == nil || r.foreign.Reason != tt.want {
					t.Errorf("foreign is %+v, want %s", r.foreign, tt.want)
				}
			})
		}
	}
}

func dialThrough(t *testing.T, library, address string, proxy *url.URL, config *tls.Config, d *conn.Dialer) (socket, error) {
	t.Helper()
	if library == "gorilla" {
		g := gorilla.Dialer{
			NetDialContext: d.DialContext, NetDialTLSContext: d.DialTLSContext, Proxy: http.ProxyURL(proxy), TLSClientConfig: config,
		}
		c, response, err := g.DialContext(t.Context(), address, nil)
		if response != nil {
			_ = response.Body.Close()
		}
		return gorillaSocket{c}, err
	}
	transport := &http.Transport{
		DialContext: d.DialContext, DialTLSContext: d.DialTLSContext, Proxy: http.ProxyURL(proxy), TLSClientConfig: config,
	}
	c, _, err := coder.Dial(t.Context(), address, &coder.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err == nil {
		c.SetReadLimit(-1)
	}
	return coderSocket{c}, err
}

// A server whose certificate is wrong is refused through a proxy, too, and so is a proxy that refuses.
func TestTapThroughProxiesFails(t *testing.T) {
	address, config, end := echo(libraries[0], false, true, func(*http.Request) *conn.Observer { return nil })
	defer end()
	server, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := proxyTo(t, "http", server.Host, nil)
	noPassword := *proxy
	noPassword.User = nil
	for name, tt := range map[string]struct {
		host   string
		proxy  *url.URL
		isTold bool // The tap gets the error.
	}{
		"another certificate": {"example.net", proxy, true},
		"no password":         {"example.com", &noPassword, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecord()
			d := dialer(r)
			d.TLS = config
			if _, err := dialThrough(t, "gorilla", "wss://"+net.JoinHostPort(tt.host, server.Port()), tt.proxy, config, d); err == nil {
				t.Fatal("the dial succeeded")
			}
			<-r.last
			if r.end == nil || (r.end.Err != nil) != tt.isTold {
				t.Errorf("end is %+v", r.end)
			}
		})
	}
}
