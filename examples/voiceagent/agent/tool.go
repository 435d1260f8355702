// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// checkAvailability is the tool of the model. A call with invalid arguments is answered and
// does not fail, so that the model can correct it.
func (a *Agent) checkAvailability() voiceprovider.Tool {
	return voiceprovider.Tool{
		Name:        "check_availability",
		Description: "Looks up whether the restaurant has a table.",
		Parameters: `{
			"type": "object",
			"properties": {
				"date": {"type": "string", "description": "as the guest said it, such as tomorrow"},
				"time": {"type": "string", "description": "24 hours, such as 19:00"},
				"party_size": {"type": "integer"}
			},
			"required": ["date", "time", "party_size"]
		}`,
		Call: func(ctx context.Context, arguments string) (string, error) {
			wanted, ok := parseTable(arguments)
			if !ok {
				slog.WarnContext(ctx, "the model calls the tool with arguments that it does not understand")
				return `{"error": "the arguments are no JSON object of the schema"}`, nil
			}
			free, err := a.lookUp(ctx, wanted)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf(`{"available": %t}`, free), nil
		},
	}
}

// table is a requested table.
type table struct {
	Date      string `json:"date"`
	Time      string `json:"time"`
	PartySize int    `json:"party_size"`
}

func parseTable(arguments string) (t table, ok bool) {
	err := json.Unmarshal([]byte(arguments), &t)
	return t, err == nil
}

// lookUp looks for a free table, with a delay. There is none for a party larger than the
// largest table.
func (a *Agent) lookUp(ctx context.Context, wanted table) (free bool, err error) {
	const lookUpTime, largestTable = 80 * time.Millisecond, 8
	ctx, look := a.Telemetry.StartOperation(ctx, "look up table")
	defer func() { look.End(err) }()
	if err := a.Speed.Wait(ctx, lookUpTime); err != nil {
		return false, err
	}
	free = wanted.PartySize <= largestTable
	// The log line has the IDs of the call, the turn and the span, from the context.
	slog.InfoContext(ctx, "table looked up", "guests", wanted.PartySize, "time", wanted.Time, "free", free)
	return free, nil
}
