// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// writePrices writes a price file with an invented price for a request, and returns its path.
func writePrices(t *testing.T, price string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prices.yaml")
	text := "prices:\n  - {provider: acme, model: '*', unit: request, price: " + price + ", currency: USD}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The option takes precedence over the variable.
func TestPriceFile(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []voicesdk.Option
		want string // A part of the line of the stage's end, or "" for no cost.
	}{
		{"none", []voicesdk.Option{variables()}, ""},
		{"an empty variable", []voicesdk.Option{variables("OTELVOICE_PRICE_FILE", "")}, ""},
		{"the variable", []voicesdk.Option{variables("OTELVOICE_PRICE_FILE", writePrices(t, "0.25"))}, `"voice.cost":0.25`},
		{"the option", []voicesdk.Option{variables("OTELVOICE_PRICE_FILE", writePrices(t, "0.25")), voicesdk.WithPriceFile(writePrices(t, "0.5"))}, `"voice.cost":0.5`},
		{"without the SDK", []voicesdk.Option{variables("OTEL_SDK_DISABLED", "true"), voicesdk.WithPriceFile(writePrices(t, "0.5"))}, `"voice.cost":0.5`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out lockedBuffer
			tel, err := voicesdk.Setup(t.Context(), append(tt.opts, voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out))...)
			if err != nil {
				t.Fatal(err)
			}
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "acme", Name: "chat"})
			llm.End(nil)
			turn.End()
			session.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			text := string(bytes.Join(out.lines(), []byte("\n")))
			if n := strings.Count(text, `"voice.cost":`); tt.want == "" && n > 0 || tt.want != "" && strings.Count(text, tt.want) != 3 {
				t.Errorf("want %q in the lines of stage, turn and session:\n%s", tt.want, text)
			}
		})
	}
}

// A bad file is an error of Setup that names it.
func TestBadPriceFile(t *testing.T) {
	bad := writePrices(t, "-1")
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	for _, tt := range []struct {
		name string
		opt  voicesdk.Option
		want string
	}{
		{"a negative price", variables("OTELVOICE_PRICE_FILE", bad), bad + `:2: price "-1" is not a decimal number of 0 or more`},
		{"a file that is missing", variables("OTELVOICE_PRICE_FILE", missing), missing},
		{"a file of the option", voicesdk.WithPriceFile(missing), missing},
		{"a directory", voicesdk.WithPriceFile(filepath.Dir(bad)), "is not a regular file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), variables(), tt.opt, voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lockedBuffer{}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
