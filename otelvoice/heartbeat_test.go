// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithHeartbeat(time.Minute)))
		check := func(want int) {
			t.Helper()
			synctest.Wait()
			lines, err := rec.Lines()
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for _, line := range lines {
				if line["message"] == "session open" {
					got++
				}
			}
			if got != want {
				t.Errorf("after %s: %d lines, want %d", time.Now(), got, want)
			}
		}
		_, session := tel.StartSession(t.Context())
		<-time.After(59 * time.Second)
		check(0)
		<-time.After(time.Second)
		check(1)
		<-time.After(time.Minute)
		check(2)
		session.End()
		<-time.After(5 * time.Minute)
		check(2)
		_, session = tel.StartSession(t.Context())
		<-time.After(time.Minute)
		check(3)
		if err := tel.Telemetry.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		<-time.After(5 * time.Minute)
		check(3)
		session.End()
	})
}
