// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// setup calls Setup with the given options and enables log lines only.
func setup(opts ...voicesdk.Option) *voicesdk.SDK {
	tel, err := voicesdk.Setup(context.Background(), append(opts, voicesdk.WithoutGlobals())...)
	if err != nil {
		panic(err)
	}
	return tel
}

func ExampleTimed() {
	tel := setup(voicesdk.WithoutConsole())
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx := tel.Context(context.Background())
	menu, err := otelvoice.Timed(ctx, "load menu", func(context.Context) ([]string, error) {
		return []string{"soup", "salad"}, nil
	})
	fmt.Println(menu, err)
	// Output: [soup salad] <nil>
}

func ExampleWrap() {
	var lines bytes.Buffer
	tel := setup(voicesdk.WithLogWriter(&lines))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	type order struct {
		Dish string
		Card string
	}
	place := otelvoice.Wrap("place order", func(_ context.Context, o order) (int, error) {
		return len(o.Dish), nil
	}, otelvoice.WithArguments())
	n, err := place(tel.Context(context.Background()), order{"soup", "4111 1111 1111 1111"})
	fmt.Println(n, err)

	var line struct {
		Message string
		Extra   map[string]any `json:"extra_data"`
	}
	_ = json.Unmarshal(lines.Bytes(), &line)
	fmt.Println(line.Message, line.Extra["voice.operation.arguments"])
	// Output:
	// 4 <nil>
	// place order completed map[Card:[REDACTED:card] Dish:soup]
}

func ExampleWithComponent() {
	var lines bytes.Buffer
	tel := setup(voicesdk.WithLogWriter(&lines))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	loadMenu := otelvoice.Wrap("load menu", func(_ context.Context, day string) (string, error) {
		return "soup on " + day, nil
	}, otelvoice.WithComponent("menu-db", otelvoice.ComponentTool))
	menu, err := loadMenu(tel.Context(context.Background()), "Sunday")
	fmt.Println(menu, err)

	var line struct {
		Message, Component string
		Type               string `json:"component_type"`
	}
	_ = json.Unmarshal(lines.Bytes(), &line)
	fmt.Println(line.Message, line.Component, line.Type)
	// Output:
	// soup on Sunday <nil>
	// load menu completed menu-db tool
}

func ExampleWithLatencyBudget() {
	var lines bytes.Buffer
	tel := setup(voicesdk.WithLogWriter(&lines), voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(2*time.Second)))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	_, session := tel.StartSession(context.Background())
	_, turn := session.StartTurn(context.Background())
	now := time.Now()
	turn.MarkAt(otelvoice.UserStopped, now.Add(-2300*time.Millisecond))
	turn.MarkAt(otelvoice.AgentStarted, now)
	turn.End()

	var line struct {
		Level, Message string
		Figures        struct {
			Wait float64 `json:"response_latency_ms"`
		} `json:"performance_metrics"`
	}
	_ = json.Unmarshal(lines.Bytes(), &line)
	fmt.Println(line.Level, line.Message, line.Figures.Wait)
	// Output: WARN turn completed 2300
}

func ExampleError() {
	var lines bytes.Buffer
	tel := setup(voicesdk.WithLogWriter(&lines))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	err := fmt.Errorf("transcribe: %w", errors.New("connection reset"))
	tel.Logger("voice.stt").Error("STT failed", otelvoice.Error(err,
		otelvoice.ErrorCode("STT_LOST"), otelvoice.RecoveryAction("fallback")))

	var line struct {
		Exception struct{ Type, Message string }
		Extra     map[string]any `json:"extra_data"`
	}
	_ = json.Unmarshal(lines.Bytes(), &line)
	fmt.Println(line.Exception.Message)
	fmt.Println(line.Extra["error_code"], line.Extra["recovery_action"])
	// Output:
	// transcribe: connection reset
	// STT_LOST fallback
}
