// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"testing"
	"time"
)

// keys is a directory with the certificates of an authority, a server, a server whose
// certificate has expired, and a client.
type keys string

func certificates(t *testing.T) keys {
	t.Helper()
	f := keys(t.TempDir())
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	signer := f.issue(t, "ca", authority, nil, nil)
	for i, c := range []struct {
		name  string
		usage x509.ExtKeyUsage
		until time.Duration
	}{
		{"server", x509.ExtKeyUsageServerAuth, time.Hour},
		{"expired", x509.ExtKeyUsageServerAuth, -time.Hour},
		{"client", x509.ExtKeyUsageClientAuth, time.Hour},
	} {
		f.issue(t, c.name, &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 2)), Subject: pkix.Name{CommonName: c.name}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(c.until),
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{c.usage}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}, authority, signer)
	}
	return f
}

// issue writes a certificate and its key. It is signed by the given parent, or self-signed without
// one.
func (f keys) issue(t *testing.T, name string, template, parent *x509.Certificate, signer *ecdsa.PrivateKey) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(f.path(file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return key
}

// config is a configuration to be used with local.yaml. The collector presents a certificate and
// requires one from clients.
func (f keys) config(t *testing.T, server string) string {
	t.Helper()
	path := f.path(server + ".yaml")
	text := fmt.Sprintf("receivers: {otlp: {protocols: {http: {tls: {cert_file: %q, key_file: %q, client_ca_file: %q}}}}}\n",
		f.path(server+".pem"), f.path(server+".key"), f.path("ca.pem"))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
