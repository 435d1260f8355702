// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gateways_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// difference is by how much the clock of a machine is wrong.
const difference = 5 * time.Minute

// clock returns a configuration that moves the times of what an agent gets, as if the clock of its machine were wrong.
func clock(t *testing.T, by time.Duration) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clock.yaml")
	config := fmt.Sprintf(`
processors:
  transform/clock:
    trace_statements:
      - set(span.start_time_unix_nano, span.start_time_unix_nano + %[1]d)
      - set(span.end_time_unix_nano, span.end_time_unix_nano + %[1]d)
service:
  pipelines:
    traces: {processors: [memory_limiter, transform/clock]}
`, by.Nanoseconds())
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// One machine's clock is minutes ahead, the other's behind. A gateway that is restarted keeps the calls in progress
// whole if GATEWAY_STARTED is later by the difference.
func TestClocksApart(t *testing.T) {
	t.Parallel()
	f := newFleetOf(t, [2]string{clock(t, difference), clock(t, -difference)})
	made := f.talkMeanwhile(t, func() {
		f.gateways[0].Stop(t)
		f.gateways[0].Start(t, startedAt(time.Now().Add(difference)))
	})
	v := f.judge(made)
	t.Logf("%d of %d calls were kept, %d of them incomplete, %d spans twice", v.kept, calls, v.split, v.twice)
	if v.split > 0 || v.twice > 0 || len(v.missing) > 0 {
		t.Errorf("%d kept traces are incomplete, %d spans arrived twice, not kept: %v", v.split, v.twice, v.missing)
	}
	// The other gateway was not restarted. It keeps what began before it by the clock of the agent that is behind: half
	// of its calls, and a share of the rest.
	if v.kept == calls {
		t.Error("all calls were kept, including uneventful ones of the agent whose clock is ahead")
	}
}
