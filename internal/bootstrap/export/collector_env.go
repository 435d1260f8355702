// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/otlp/endpoint"
	"github.com/voice-agents/telemetry/internal/settings"
)

// otlpPrefix is the prefix of the variables of OTLP exporters. Each also exists for one signal,
// which takes precedence.
const otlpPrefix = "OTEL_EXPORTER_OTLP_"

// readCollector reads the settings of one signal's OTLP exporter.
func readCollector(r *settings.Reader, signal, path string) Collector {
	v := variables{r, signal}
	cfg := Collector{
		Protocol: Protocol(r.Enum(v.name("PROTOCOL"), string(HTTP), string(HTTP), string(GRPC))),
		Headers:  readHeaders(r, v.name("HEADERS")),
		Timeout:  readDuration(r, v.name("TIMEOUT")),
		Gzip:     r.Enum(v.name("COMPRESSION"), "none", "gzip", "none") == "gzip",
		TLS:      v.readTLS(),
	}
	cfg.Endpoint = v.readEndpoint(cfg.Protocol, path)
	return cfg
}

// variables names the variables of one signal.
type variables struct {
	reader *settings.Reader
	signal string
}

// name returns the signal's own variable if it is set, else the common one.
func (v variables) name(setting string) string {
	own := otlpPrefix + v.signal + "_" + setting
	if _, ok := v.reader.String(own); ok {
		return own
	}
	return otlpPrefix + setting
}

// readEndpoint returns the URL to send to. A signal's own endpoint is used unchanged; the common
// one is a base, to which HTTP adds the signal's path. With gRPC, INSECURE selects the scheme of
// an endpoint without one. A Unix socket is the same for all signals and both protocols.
func (v variables) readEndpoint(protocol Protocol, path string) string {
	name := v.name("ENDPOINT")
	insecure := v.reader.Bool(v.name("INSECURE"), false)
	value, ok := v.reader.String(name)
	if !ok {
		return ""
	}
	if endpoint.IsSocket(value) {
		if _, err := endpoint.Parse(value); err != nil {
			v.reader.Fail(name, value, "the path of a Unix socket, such as unix:///run/otel.sock; "+err.Error())
			return ""
		}
		return value // Over HTTP, the spool adds the signal's usual path.
	}
	if protocol == GRPC && !strings.Contains(value, "://") {
		scheme := "https://"
		if insecure {
			scheme = "http://"
		}
		if isHostPort(value) {
			return scheme + value
		}
		v.reader.Fail(name, value, "a URL such as http://localhost:4317, or host:port")
		return ""
	}
	u, ok := v.reader.URL(name)
	if !ok {
		return ""
	}
	if protocol == HTTP && name == otlpPrefix+"ENDPOINT" {
		u = u.JoinPath(path)
	}
	return u.String()
}

// isHostPort reports whether s is a host and a port, and nothing else.
func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || strings.ContainsAny(host, "@/?#") {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return false
	}
	_, err = url.Parse("http://" + s)
	return err == nil
}

// readHeaders reads a list of key=value with percent-encoded values. Errors do not include
// them, because they hold credentials.
func readHeaders(r *settings.Reader, name string) map[string]string {
	pairs, _ := r.List(name)
	headers := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		decoded, err := url.PathUnescape(value)
		if !ok || !isToken(key) || err != nil || strings.ContainsFunc(decoded, isControl) {
			r.Fail(name, "", "key=value pairs separated by commas, values percent-encoded")
			return nil
		}
		headers[key] = decoded
	}
	return headers
}

// isControl reports whether r is not allowed in a header's value (RFC 9110, section 5.5).
// net/http would refuse each request.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// isToken reports whether s is a valid header name (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// readTLS reads the certificates, or returns nil if none is set.
func (v variables) readTLS() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	set := false
	if name := v.name("CERTIFICATE"); v.file(name) != "" {
		pool := x509.NewCertPool()
		pem, err := os.ReadFile(v.file(name))
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			v.reader.Fail(name, v.file(name), "a readable file of PEM certificates")
			return nil
		}
		cfg.RootCAs, set = pool, true
	}
	certificate, key := v.file(v.name("CLIENT_CERTIFICATE")), v.file(v.name("CLIENT_KEY"))
	switch {
	case certificate == "" && key == "":
	case certificate == "" || key == "":
		name := v.name("CLIENT_CERTIFICATE")
		if certificate != "" {
			name = v.name("CLIENT_KEY")
		}
		v.reader.Fail(name, "", "a file: a client certificate needs a key, and a key a certificate")
	default:
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			v.reader.Fail(v.name("CLIENT_CERTIFICATE"), certificate, "a readable PEM certificate that matches "+v.name("CLIENT_KEY"))
			return nil
		}
		cfg.Certificates, set = []tls.Certificate{pair}, true
	}
	if !set {
		return nil
	}
	return cfg
}

func (v variables) file(name string) string {
	path, _ := v.reader.String(name)
	return path
}
