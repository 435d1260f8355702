// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package syslog_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/syslog"
	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// server is a real rsyslogd with a directory of its own.
type server struct {
	dir, out string
	config   string
	cmd      *exec.Cmd
}

// newServer writes a configuration that prints incoming messages to a file.
func newServer(t *testing.T, inputs string) *server {
	t.Helper()
	if _, err := lookRsyslog(); err != nil {
		t.Skip("rsyslogd is not installed: it is in the Debian packages rsyslog and rsyslog-gnutls")
	}
	// Socket paths have a length limit.
	dir, err := os.MkdirTemp("", "rsyslog") //nolint:usetesting // t.TempDir is too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &server{dir: dir, out: filepath.Join(dir, "out"), config: filepath.Join(dir, "conf")}
	s.write(t, inputs)
	return s
}

func (s *server) write(t *testing.T, inputs string) {
	t.Helper()
	config := fmt.Sprintf(`global(workDirectory="%s" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
%s
template(name="line" type="string" string="%%PRI%%|%%timestamp:::date-rfc3339%%|%%hostname%%|%%app-name%%|%%procid%%|%%msgid%%|%%structured-data%%|%%msg%%\n")
action(type="omfile" file="%s" template="line" flushOnTXEnd="on" asyncWriting="off")
`, s.dir, strings.ReplaceAll(inputs, "DIR", s.dir), s.out)
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

func lookRsyslog() (string, error) {
	if path, err := exec.LookPath("rsyslogd"); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/rsyslogd")
}

// start starts the server, which runs until the test ends.
func (s *server) start(t *testing.T) {
	t.Helper()
	path, err := lookRsyslog()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(path, "-n", "-f", s.config, "-i", filepath.Join(s.dir, "pid"))
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
}

// stop ends the server. It may be called again.
func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// lines waits until the server has n lines, and returns them.
func (s *server) lines(t *testing.T, n int) []string {
	t.Helper()
	var lines []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		text, _ := os.ReadFile(s.out)
		if lines = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"); len(text) > 0 && len(lines) >= n {
			return lines
		}
		<-time.After(10 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	t.Fatalf("%d lines, want %d\n%s\noutput of the server:\n%s", len(lines), n, strings.Join(lines, "\n"), log)
	return nil
}

const jsonLine = `{"timestamp":"2024-01-01T12:00:00.123Z","level":"ERROR","message":"a \"b\" ü","correlation_id":"order \"42\"]\\","trace_id":"3bf8b157c4238eefe5ae4a66eca81c6b","span_id":"a1b2c3d4e5f60718","session_id":"sess_1","turn_id":"turn_1","request_id":"req_1","module":"voice.stt","process_id":1234,"phase":"stage_end"}`

// transports are the connections to a real server: name, address and the server's configuration.
var transports = []struct{ name, address, inputs string }{
	{"udp", "udp://127.0.0.1:PORT", `module(load="imudp") input(type="imudp" address="127.0.0.1" port="PORT")`},
	{"tcp", "tcp://127.0.0.1:PORT", `module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="PORT")`},
	{"tls", "tls://localhost:PORT", `global(defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="DIR/cert" defaultNetstreamDriverCertFile="DIR/cert" defaultNetstreamDriverKeyFile="DIR/key")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon") input(type="imtcp" address="127.0.0.1" port="PORT")`},
	{"unix", "unix://DIR/sock", `module(load="imuxsock" sysSock.use="off") input(type="imuxsock" socket="DIR/sock" useSpecialParser="off" ignoreTimestamp="off" useSysTimeStamp="off")`},
	{"unix stream", "unix://DIR/sock", `module(load="imptcp") input(type="imptcp" path="DIR/sock")`},
}

// connect starts a server for a transport and returns it with a writer to it.
func connect(t *testing.T, name, address, inputs string) (*server, *syslog.Writer) {
	t.Helper()
	certificate, key, pool := newCertificate(t)
	port := strconv.Itoa(freeport.TCP(t))
	s := newServer(t, strings.ReplaceAll(inputs, "PORT", port))
	for name, data := range map[string][]byte{"cert": certificate, "key": key} {
		if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.start(t)
	w, err := syslog.NewWriter(syslog.Options{
		Address:  strings.NewReplacer("PORT", port, "DIR", s.dir).Replace(address),
		Facility: "local0", AppName: "agent", Hostname: "box", TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Shutdown(t.Context()) })
	if name == "udp" { // A UDP server does not show when it listens.
		waitForUDP(t, s, w)
	}
	return s, w
}

// A session ID with a second message in it reaches a real server as one message, over
// every transport.
func TestForgedIDAtARealServer(t *testing.T) {
	for _, tt := range transports {
		t.Run(tt.name, func(t *testing.T) {
			s, w := connect(t, tt.name, tt.address, tt.inputs)
			const forged = `{"level":"INFO","session_id":"a\n<0>1 - evil evil - - - forged\u0000\u001b[2J","message":"m\n<0>1 forged"}`
			for _, line := range []string{forged, "no JSON\n<0>1 - evil evil - - - forged\x00", `{"message":"last"}`} {
				if _, err := syslog.WriteJSON(w, line+"\n"); err != nil {
					t.Fatal(err)
				}
			}
			lines := s.lines(t, 3)
			for !strings.Contains(lines[len(lines)-1], "last") {
				lines = s.lines(t, len(lines)+1)
			}
			lines = lines[len(lines)-3:] // Over UDP other lines came before.
			for i, want := range []string{
				`|agent|-|-|[otelvoice@32473 session_id="a#012<0>1 - evil evil - - - forged#000#033[2J"]|` + forged,
				`|agent|-|-|-|no JSON#012<0>1 - evil evil - - - forged#000`,
				`|agent|-|-|-|{"message":"last"}`,
			} {
				if !strings.HasPrefix(lines[i], "134|") || !strings.HasSuffix(lines[i], want) {
					t.Errorf("got  %s\nwant 134|…%s", lines[i], want)
				}
			}
		})
	}
}

func TestRealServer(t *testing.T) {
	for _, tt := range transports {
		t.Run(tt.name, func(t *testing.T) {
			s, w := connect(t, tt.name, tt.address, tt.inputs)
			if _, err := syslog.WriteJSON(w, jsonLine+"\n"); err != nil {
				t.Fatal(err)
			}
			want := `131|2024-01-01T12:00:00.123Z|box|agent|1234|stage_end|` +
				`[otelvoice@32473 correlation_id="order \"42\"\]\\" trace_id="3bf8b157c4238eefe5ae4a66eca81c6b" span_id="a1b2c3d4e5f60718" request_id="req_1" session_id="sess_1" turn_id="turn_1" module="voice.stt"]|` + jsonLine
			lines := s.lines(t, 1)
			for tt.name == "udp" && !strings.Contains(lines[len(lines)-1], "sess_1") {
				lines = s.lines(t, len(lines)+1)
			}
			if got := lines[len(lines)-1]; !equalButTime(got, want, tt.name) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if w.Lost() != 0 {
				t.Errorf("%d lines are lost", w.Lost())
			}
		})
	}
}

// equalButTime compares two lines. The server's Unix socket replaces the time with that of
// arrival.
func equalButTime(got, want, network string) bool {
	if network != "unix" {
		return strings.Replace(got, "+00:00|", "Z|", 1) == want
	}
	a, b := strings.SplitN(got, "|", 3), strings.SplitN(want, "|", 3)
	return len(a) == 3 && a[0] == b[0] && a[2] == b[2]
}

// waitForUDP sends lines until the first arrives.
func waitForUDP(t *testing.T, s *server, w *syslog.Writer) {
	t.Helper()
	for range 500 {
		if _, err := w.Write([]byte("hello\n")); err != nil {
			t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond)
		if info, err := os.Stat(s.out); err == nil && info.Size() > 0 {
			return
		}
	}
	t.Fatal("the server does not answer")
}

// A server that restarts receives what was written meanwhile.
func TestServerIsBack(t *testing.T) {
	port := strconv.Itoa(freeport.TCP(t))
	s := newServer(t, `module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="`+port+`")`)
	s.start(t)
	w, err := syslog.NewWriter(syslog.Options{Address: "tcp://127.0.0.1:" + port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Shutdown(t.Context()) })
	for round := range 3 {
		if _, err := fmt.Fprintf(w, "line %d\n", round); err != nil {
			t.Fatal(err)
		}
		lines := s.lines(t, round+1)
		if len(lines) != round+1 || !strings.HasSuffix(lines[round], fmt.Sprintf("line %d", round)) {
			t.Errorf("round %d: %q", round, lines)
		}
		s.stop()
		if round < 2 {
			s.start(t)
		}
	}
	if w.Lost() != 0 {
		t.Errorf("%d lines are lost", w.Lost())
	}
}

// newCertificate returns a certificate of localhost, its key, and a pool with it.
func newCertificate(t *testing.T) (certificate, private []byte, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), pool
}
