// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// writePEM writes a file of one block and returns its name.
func writePEM(t *testing.T, dir, name, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// client creates a self-signed certificate with its key, and writes both.
func client(t *testing.T, dir string) (cert *x509.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "agent"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, writePEM(t, dir, "client.pem", "CERTIFICATE", der), writePEM(t, dir, "client.key", "PRIVATE KEY", keyDER)
}

// Both sides present a certificate.
func TestSendWithClientCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, certFile, keyFile := client(t, dir)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			r := otlptest.NewTLSReceiver(t, &tls.Config{
				MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
			})
			endpoint := r.HTTPEndpoint()
			if protocol == "grpc" {
				endpoint = r.GRPCEndpoint()
			}
			cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
				"OTEL_EXPORTER_OTLP_CERTIFICATE", writePEM(t, dir, "ca.pem", "CERTIFICATE", r.Certificate()),
				"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", certFile, "OTEL_EXPORTER_OTLP_CLIENT_KEY", keyFile)
			if err != nil {
				t.Fatal(err)
			}
			send(t, cfg)
			arrived(t, r)
		})
	}
}

// A certificate for all signals must not stop a signal that needs none.
func TestCertificateBesideAnHTTPEndpoint(t *testing.T) {
	r := otlptest.NewReceiver(t)
	_, ca, _ := client(t, t.TempDir())
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint(), "OTEL_EXPORTER_OTLP_CERTIFICATE", ca,
		"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", r.GRPCEndpoint(), "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc")
	if err != nil {
		t.Fatal(err)
	}
	send(t, cfg)
	arrived(t, r)
}
