// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package syslog_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/syslog"
)

// accept accepts connections, leaves them open and reads nothing.
func accept(t *testing.T, l net.Listener, handshake func(net.Conn)) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close() //nolint:gocritic // All stay open until the end.
			if handshake != nil {
				handshake(c)
			}
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
}

// hangingServers returns the addresses of servers that read nothing.
func hangingServers(t *testing.T) map[string]syslog.Options {
	t.Helper()
	servers := make(map[string]syslog.Options)
	l := listen(t)
	accept(t, l, nil)
	servers["accepts and does not read"] = syslog.Options{Address: "tcp://" + l.Addr().String()}

	certificate, key, pool := newCertificate(t)
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	secure := listen(t)
	accept(t, secure, func(c net.Conn) {
		_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}).HandshakeContext(context.Background())
	})
	_, port, _ := net.SplitHostPort(secure.Addr().String())
	servers["TLS, and does not read"] = syslog.Options{Address: "tls://localhost:" + port, TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}

	silent := listen(t)
	accept(t, silent, nil)
	_, port, _ = net.SplitHostPort(silent.Addr().String())
	servers["TLS, and does not shake hands"] = syslog.Options{Address: "tls://localhost:" + port}

	servers["drops connection requests"] = syslog.Options{Address: "tcp://" + dropping(t)}

	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = packets.Close() })
	servers["drops packets"] = syslog.Options{Address: "udp://" + packets.LocalAddr().String()}

	dir, err := os.MkdirTemp("", "syslog") //nolint:usetesting // t.TempDir is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, network := range map[string]string{"local socket, datagrams": "unixgram", "local socket, stream": "unix"} {
		path := filepath.Join(dir, network)
		servers[name] = syslog.Options{Address: "unix://" + path}
		if network == "unix" {
			l, err := net.Listen(network, path)
			if err != nil {
				t.Fatal(err)
			}
			accept(t, l, nil)
			continue
		}
		c, err := net.ListenPacket(network, path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	return servers
}

// dropping returns the address of a socket whose queue of connections is full, so that
// the kernel drops requests for more, as a firewall does.
func dropping(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 16 {
		c, err := (&net.Dialer{Timeout: 100 * time.Millisecond}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return address // Full.
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Log("this kernel drops no requests")
	return address
}

// A server that hangs blocks neither Write nor, beyond its context, Shutdown.
func TestHangingServerBlocksNoCaller(t *testing.T) {
	const lines = 20_000
	for name, opts := range hangingServers(t) {
		t.Run(name, func(t *testing.T) {
			w, err := syslog.NewWriter(opts)
			if err != nil {
				t.Fatal(err)
			}
			line := `{"message":"` + strings.Repeat("x", 1<<10) + "\"}\n"
			took := make([]time.Duration, lines)
			wrote := 0
			for i := range took {
				begin := time.Now()
				_, err := io.WriteString(w, line)
				took[i] = time.Since(begin)
				if err == nil {
					wrote++
				} else if !errors.Is(err, syslog.ErrFull) {
					t.Fatal(err)
				}
			}
			if wrote+int(w.Lost()) < lines {
				t.Errorf("%d lines were taken and %d counted, of %d", wrote, w.Lost(), lines)
			}
			slices.Sort(took)
			p99 := took[lines*99/100]
			t.Logf("Write takes %v at p50, %v at p99, %v at most", took[lines/2], p99, took[lines-1])
			if p99 > 20*time.Millisecond { // Typically some µs; the machine may be busy.
				t.Errorf("Write takes %v at p99", p99)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			begin := time.Now()
			err = w.Shutdown(ctx)
			if after := time.Since(begin); after > 2*time.Second {
				t.Errorf("Shutdown takes %v instead of 50 ms", after)
			} else {
				t.Logf("Shutdown takes %v: %v", after, err)
			}
		})
	}
}
