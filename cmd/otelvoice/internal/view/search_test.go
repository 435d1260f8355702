// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// idsOf returns the calls that an ID finds.
func idsOf(t *testing.T, address, id string) (ids []string) {
	t.Helper()
	var list struct{ Calls []struct{ ID string } }
	if code := get(t, address, "/api/calls?id="+url.QueryEscape(id), &list); code != http.StatusOK {
		t.Errorf("%.50q: status %d", id, code)
	}
	for _, c := range list.Calls {
		ids = append(ids, c.ID)
	}
	return ids
}

// A call is found by each ID that it has, also by a part of it and in the other case.
func TestSearchByID(t *testing.T) {
	a := start(t, anywhere())
	sdk := agent(t, "http://"+a.OTLPHTTP, "http/protobuf")
	talk(t.Context(), sdk.Telemetry, 1)
	ctx := otelvoice.ContextWithCorrelationID(t.Context(), "Order-7f3a-XYZ")
	ctx, session := sdk.StartSession(ctx, otelvoice.WithSessionID("Sess-Aa-0001"))
	session.SetAttributes(semconv.VoiceLineCallID("CA8f2d1c6b5a4e3d2c"))
	turnCtx, turn := session.StartTurn(ctx, otelvoice.WithTurnID("turn-Bb-0001"))
	_, stt := turn.StartSTT(turnCtx, otelvoice.Model{Provider: "deepgram", Name: "nova-3"})
	stt.AddRequestID("dg-Cc-0001")
	stt.End(nil)
	_, llm := turn.StartLLM(turnCtx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
	llm.SetResponse("chatcmpl-Dd-0001", "gpt-4o-mini", "stop")
	llm.End(nil)
	turn.End()
	session.End()
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	var shown api.Shown
	viewer.Eventually(t, a.Pages, "both calls are listed", func() bool {
		var list api.List
		get(t, a.Pages, "/api/calls", &list)
		get(t, a.Pages, "/api/calls/"+session.ID(), &shown)
		return list.Total == 2 && len(shown.Document.Turns) == 1 && !shown.Document.Open
	})
	c := shown.Document
	for name, id := range map[string]string{
		"session": session.ID(), "correlation": c.IDs.Correlation, "trace": c.IDs.Traces[0], "turn": turn.ID(),
		"request of the recogniser": "dg-Cc-0001", "response of the model": "chatcmpl-Dd-0001",
		"span of the turn": c.Turns[0].SpanID, "span of a stage": c.Turns[0].Stages[0].SpanID, "telephone call": "CA8f2d1c6b5a4e3d2c",
	} {
		if id == "" {
			t.Errorf("the call has no ID of its %s", name)
			continue
		}
		for form, asked := range map[string]string{
			"whole": id, "upper case": strings.ToUpper(id), "lower case": strings.ToLower(id), "with spaces": "  " + id + "\n", "its start": id[:len(id)-1],
		} {
			if got := idsOf(t, a.Pages, asked); len(got) != 1 || got[0] != session.ID() {
				t.Errorf("%s, %s: %q finds %v", name, form, asked, got)
			}
		}
		if got := idsOf(t, a.Pages, id+"0"); len(got) != 0 {
			t.Errorf("%s: %q finds %v", name, id+"0", got)
		}
	}
	if got := idsOf(t, a.Pages, "Cc-0001"); len(got) != 1 {
		t.Errorf("the end of an ID finds %v", got)
	}
	for _, unknown := range []string{"none", "0000000000000000", "ffffffffffffffff", "' OR 1=1 --", "%", "\x00", strings.Repeat("f", 20_000)} {
		if got := idsOf(t, a.Pages, unknown); len(got) != 0 {
			t.Errorf("%.50q finds %v", unknown, got)
		}
	}
}

// The IDs of other frameworks find their calls, too.
func TestSearchByIDOfOtherFrameworks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "peer", "testdata", "livekit-normal.json"))
	if err != nil {
		t.Fatal(err)
	}
	a := start(t, anywhere())
	post(t, a.OTLPHTTP, string(text))
	var shown struct{ Document call.Call }
	var id string
	viewer.Eventually(t, a.Pages, "the call is listed", func() bool {
		var list struct{ Calls []struct{ ID string } }
		get(t, a.Pages, "/api/calls", &list)
		if len(list.Calls) != 1 {
			return false
		}
		id = list.Calls[0].ID
		get(t, a.Pages, "/api/calls/"+id, &shown)
		return !shown.Document.Open
	})
	first := shown.Document.Turns[0]
	for _, asked := range []string{first.ID, first.SpanID, first.Stages[0].SpanID, first.Stages[0].Requests[0], shown.Document.IDs.Traces[0]} {
		if got := idsOf(t, a.Pages, asked); len(got) != 1 || got[0] != id {
			t.Errorf("%q finds %v", asked, got)
		}
	}
}
