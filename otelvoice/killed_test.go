// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// killedVariable makes this test binary the agent of TestKilledProcess.
const killedVariable = "OTELVOICE_TEST_KILLED"

// runAgent has three calls, ends one of them, and waits to be killed.
func runAgent() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutRuntimeMetrics())
	if err != nil {
		panic(err)
	}
	_, idle := tel.StartSession(ctx, otelvoice.WithSessionID("sess_idle"))
	_, thinking := tel.StartSession(ctx, otelvoice.WithSessionID("sess_thinking"))
	_, ended := tel.StartSession(ctx, otelvoice.WithSessionID("sess_ended"))
	_, turn := idle.StartTurn(ctx)
	turn.End()
	_, turn = thinking.StartTurn(ctx)
	turn.Mark(otelvoice.UserStopped)
	ended.End()
	select {}
}

// A process that is killed leaves a trace of the calls that were open: its lines name them, with their
// turns and what they did. Of the call that had ended it has the usual line.
func TestKilledProcess(t *testing.T) {
	if os.Getenv(killedVariable) != "" {
		runAgent()
	}
	agent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledProcess$")
	agent.Env = append(os.Environ(), killedVariable+"=1", "OTELVOICE_HEARTBEAT=20ms", "LOG_FORMAT=json", "LOG_OUTPUT=console", "LOG_LEVEL=INFO")
	out, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Timestamp time.Time
		Message   string
		Session   string `json:"session_id"`
		Extra     struct {
			State string `json:"voice.session.state"`
			Turns int    `json:"voice.session.turn.count"`
		} `json:"extra_data"`
	}
	want := map[string]string{
		"sess_idle": "open, idle, 1 turns", "sess_thinking": "open, thinking, 1 turns", "sess_ended": "ended",
	}
	found := make(map[string]string)
	lines, killed := bufio.NewScanner(out), false
	for n := 0; lines.Scan(); n++ {
		var line entry
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Errorf("no line of JSON: %s", lines.Bytes())
		}
		switch line.Message {
		case "session open":
			found[line.Session] = fmt.Sprintf("open, %s, %d turns", line.Extra.State, line.Extra.Turns)
		case "session ended":
			found[line.Session] = "ended"
		}
		if (maps.Equal(found, want) || n > 1000) && !killed {
			killed = true
			if err := agent.Process.Kill(); err != nil { // SIGKILL
				t.Error(err)
			}
		}
	}
	if err := agent.Wait(); err == nil {
		t.Error("the agent was not killed")
	}
	if !maps.Equal(found, want) {
		t.Errorf("the lines say %v, want %v", found, want)
	}
}
