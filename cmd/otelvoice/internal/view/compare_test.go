// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/otelvoice"
)

// twoVersions makes calls of two versions: those of the first a day earlier, those of the second slower by 0.2 s.
func twoVersions(ctx context.Context, tel *otelvoice.Telemetry) {
	for v, version := range []string{"1.9.0", "1.10.0"} {
		for i := range 20 {
			at := time.Now().Add(time.Duration(v-1) * 20 * time.Hour).Add(-time.Minute)
			callCtx, session := tel.StartSession(ctx, otelvoice.WithAgent("concierge", version), otelvoice.WithStartTime(at))
			for j := range 3 {
				_, turn := session.StartTurn(callCtx, otelvoice.WithStartTime(at))
				turn.MarkAt(otelvoice.UserStarted, at)
				turn.MarkAt(otelvoice.UserStopped, at.Add(time.Second))
				turn.MarkAt(otelvoice.AgentStarted, at.Add(time.Second+time.Duration(500+200*v+(i*7+j*3)%50)*time.Millisecond))
				turn.MarkAt(otelvoice.AgentStopped, at.Add(3*time.Second))
				turn.End()
				at = at.Add(4 * time.Second)
			}
			session.End()
		}
	}
}

// Calls that are too few to tell a change from noise have no interval, however many turns they have.
func TestCompareFewCalls(t *testing.T) {
	a := start(t, anywhere())
	sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
	for v, version := range []string{"1", "2"} {
		at := time.Now().Add(-time.Hour)
		ctx, session := sdk.StartSession(t.Context(), otelvoice.WithAgent("concierge", version), otelvoice.WithStartTime(at))
		for j := range 30 {
			_, turn := session.StartTurn(ctx, otelvoice.WithStartTime(at))
			turn.MarkAt(otelvoice.UserStarted, at)
			turn.MarkAt(otelvoice.UserStopped, at.Add(time.Second))
			turn.MarkAt(otelvoice.AgentStarted, at.Add(time.Second+time.Duration(500+200*v+j)*time.Millisecond))
			turn.MarkAt(otelvoice.AgentStopped, at.Add(3*time.Second))
			turn.End()
			at = at.Add(4 * time.Second)
		}
		session.End()
	}
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var answer api.Comparison
	viewer.Eventually(t, a.Pages, "both calls are compared", func() bool {
		answer = api.Comparison{}
		get(t, a.Pages, "/api/compare?base=version%3D1&new=version%3D2", &answer)
		return answer.Base.Turns == 30 && answer.New.Turns == 30
	})
	for _, row := range answer.Rows {
		if row.IsReal || !row.Few || !row.FewCalls || row.Interval != nil {
			t.Errorf("%+v", row)
		}
	}
}

// Two versions are compared, and so are two periods.
func TestCompare(t *testing.T) {
	a := start(t, anywhere())
	sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
	twoVersions(t.Context(), sdk.Telemetry)
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var list api.List
	viewer.Eventually(t, a.Pages, "all calls are listed", func() bool {
		var latency api.Latency
		get(t, a.Pages, "/api/calls?agent=concierge", &list)
		get(t, a.Pages, "/api/latency", &latency)
		return list.Total == 40 && latency.Turns == 120
	})
	if got := list.Facets["version"]; !slices.Equal(got, []string{"1.9.0", "1.10.0"}) {
		t.Errorf("versions %v", got)
	}
	day := time.Now().Add(-12 * time.Hour).UTC().Format(time.RFC3339)
	for name, sides := range map[string][2]string{
		"versions":                 {"version=1.9.0", "version=1.10.0"},
		"periods":                  {"until=" + day, "since=" + day},
		"how long ago":             {"until=12h", "since=12h"},
		"a version and its period": {"version=1.9.0&since=48h&until=2h", "agent=concierge&since=2h"},
	} {
		t.Run(name, func(t *testing.T) {
			var answer api.Comparison
			get(t, a.Pages, fmt.Sprintf("/api/compare?base=%s&new=%s", url.QueryEscape(sides[0]), url.QueryEscape(sides[1])), &answer)
			if answer.Base != (api.Side{Calls: 20, Turns: 60}) || answer.New != answer.Base || len(answer.Rows) == 0 {
				t.Fatalf("%+v", answer)
			}
			if row := answer.Rows[0]; row.Series != "response_latency" || math.Abs(row.Change-0.2) > 1e-6 || !row.IsReal {
				t.Errorf("%+v", row)
			}
		})
	}
}
