// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package grpcspeech_test

import (
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

var update = flag.Bool("update", false, "write the golden files")

// utterance is what the recogniser sends of a second of speech that begins at an offset.
func utterance(at time.Duration) []step {
	return []step{
		{heard: at + 200*ms, kind: begins},
		{heard: at + 500*ms, kind: partial, text: "a table"},
		{heard: at + 1200*ms, kind: stops},
		{heard: at + 1400*ms, kind: final, text: "a table for two", start: at + 40*ms, end: at + 1000*ms},
	}
}

func concat(all ...[]step) (steps []step) {
	for _, s := range all {
		steps = append(steps, s...)
	}
	return steps
}

// Google's client and server, connected in memory, with the clock of synctest. Both versions record the same.
func TestTimelines(t *testing.T) {
	const second = time.Second
	limit := status.Error(codes.OutOfRange, "Exceeded maximum allowed stream duration of 305 seconds.")
	denied := status.Error(codes.PermissionDenied, "no")
	for _, tt := range []struct {
		name   string
		script script
		run    func(a *agent)
	}{
		{"two turns", script{concat(utterance(second), utterance(7*second))}, func(a *agent) {
			a.hears(14 * second)
			a.hangsUp()
		}},
		{"a barge-in", script{concat(utterance(second), utterance(2900*ms))}, func(a *agent) {
			a.hears(10 * second)
			a.hangsUp()
		}},
		{"the stream is too old", script{
			concat(utterance(second), []step{{heard: 6 * second, kind: fails, err: limit}}), utterance(second),
		}, func(a *agent) {
			a.hears(12 * second)
			a.hangsUp()
		}},
		{"the recogniser fails in mid-utterance", script{{
			{heard: second, kind: begins}, {heard: 2 * second, kind: partial, text: "a"}, {heard: 3 * second, kind: fails, err: denied},
		}}, func(a *agent) {
			a.hears(4 * second)
			a.hangsUp()
		}},
		{"the agent gives the stream up", script{utterance(second), utterance(second)}, func(a *agent) {
			a.hears(6 * second)
			a.cancel()
			if err := <-a.ended; status.Code(err) != codes.Canceled {
				a.tb.Errorf("the stream ends with %v", err)
			}
			a.listen()
			a.hears(6 * second)
			a.hangsUp()
		}},
		{"hang-up in mid-answer", script{utterance(second)}, func(a *agent) {
			a.hears(3 * second)
			a.hangsUp()
		}},
		{"a single utterance without words' offsets", script{{
			{heard: second, kind: begins},
			{heard: 1300 * ms, kind: partial, text: "a table"},
			{heard: 2200 * ms, kind: stops},
			{heard: 2200 * ms, kind: single},
			{heard: 2400 * ms, kind: final, text: "a table for two"},
			{heard: 2400 * ms, kind: finishes},
		}}, func(a *agent) {
			a.hears(7 * second)
			a.hangsUp()
		}},
	} {
		for version, dial := range versions {
			t.Run(tt.name+" in "+version, func(t *testing.T) {
				var got string
				synctest.Test(t, func(t *testing.T) {
					server, listener := register(tt.script), bufconn.Listen(1<<20)
					go func() { _ = server.Serve(listener) }()
					t.Cleanup(server.Stop)
					sdk, rec := voicetest.Setup(t)
					tt.run(newAgent(t, sdk, dial(t, options("passthrough:///memory", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
						return listener.DialContext(ctx)
					})))))
					voicetest.Check(t, rec)
					got = rec.Timeline()
				})
				compare(t, filepath.Join("testdata", strings.NewReplacer(" ", "_", "'", "").Replace(tt.name)+".golden"), got)
			})
		}
	}
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
