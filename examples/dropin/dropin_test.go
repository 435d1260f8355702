// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/voice-agents/telemetry/examples/dropin/internal/trial"
	"github.com/voice-agents/telemetry/examples/dropin/internal/vendors"
)

func TestTry(t *testing.T) {
	dir := t.TempDir()
	for _, v := range []string{"plain", "byhand", "dropin"} {
		bin, err := build(t.Context(), dir, "phone/"+v)
		if err != nil {
			t.Fatal(err)
		}
		s := vendors.Start(trial.PhoneScript())
		rec, heard, err := trial.Phone(t.Context(), bin, s)
		s.Close()
		if err != nil {
			t.Fatal(v, err)
		}
		t.Logf("%s %+v %v\n%s", v, heard, rec.Others, rec.Output)
	}
}
