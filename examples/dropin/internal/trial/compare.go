// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// A Difference is what two records do not share.
type Difference struct {
	Turn  int // From 1.
	Stage string
	Key   string
	// ByHand and DropIn are the values. A value that a record does not have is nil.
	ByHand, DropIn any
}

// String returns the difference for people.
func (d Difference) String() string {
	return fmt.Sprintf("turn %d, %s: %s: by hand %v, drop-in %v", d.Turn, d.Stage, d.Key, d.ByHand, d.DropIn)
}

// A Time is a time of a stage in two records.
type Time struct {
	Turn           int // From 1.
	Stage          string
	Key            string
	ByHand, DropIn time.Duration
}

// A Comparison compares two records, stage by stage.
type Comparison struct {
	// Different are values that are not the same, ByHandOnly and DropInOnly those that one of the
	// records does not have.
	Different, ByHandOnly, DropInOnly []Difference
	Times                             []Time
	// Equal is the number of values that are the same.
	Equal int
}

// identities are the values that are different in each run.
var identities = []string{
	string(semconv.SessionIDKey), string(semconv.GenAIConversationIDKey),
	string(semconv.VoiceCorrelationIDKey), string(semconv.VoiceTurnIDKey),
}

// times are the values that are times.
var times = []string{
	string(semconv.GenAIResponseTimeToFirstChunkKey), string(semconv.VoiceLLMTimeToFirstTokenKey),
	string(semconv.VoiceTTSTimeToFirstByteKey), string(semconv.VoiceTTSTimeToFirstAudibleKey),
	string(semconv.VoiceSTTFinalLatencyKey), string(semconv.VoiceRealtimeTimeToFirstAudioKey), string(semconv.VoiceRealtimeInputAudioDurationKey),
	// When the caller speaks depends on when the agent does.
	string(semconv.VoiceSTTSpeechStartKey), string(semconv.VoiceSTTSpeechEndKey),
}

// derived are ratios of times, and the waits of the code between two chunks.
var derived = []string{
	string(semconv.VoiceTTSRealTimeFactorKey), string(semconv.VoiceSTTRealTimeFactorKey), string(semconv.VoiceStageHeldUpKey),
}

// Compare compares the records of the same call by two agents.
func Compare(byHand, dropIn *Record) *Comparison {
	c := new(Comparison)
	for i := range max(len(byHand.Turns), len(dropIn.Turns)) {
		switch {
		case i >= len(byHand.Turns):
			c.DropInOnly = append(c.DropInOnly, Difference{Turn: i + 1, Key: "the turn", DropIn: dropIn.Turns[i].Outcome})
		case i >= len(dropIn.Turns):
			c.ByHandOnly = append(c.ByHandOnly, Difference{Turn: i + 1, Key: "the turn", ByHand: byHand.Turns[i].Outcome})
		default:
			c.turn(i+1, &byHand.Turns[i], &dropIn.Turns[i])
		}
	}
	return c
}

// turn compares the stages of each operation in their order.
func (c *Comparison) turn(turn int, byHand, dropIn *Turn) {
	if byHand.Outcome != dropIn.Outcome {
		c.Different = append(c.Different, Difference{turn, "turn", "outcome", byHand.Outcome, dropIn.Outcome})
	}
	for _, operation := range []string{
		semconv.GenAIOperationNameSpeechToText, semconv.GenAIOperationNameChat,
		semconv.GenAIOperationNameExecuteTool, semconv.GenAIOperationNameTextToSpeech, semconv.GenAIOperationNameRealtimeInference,
	} {
		a, b := byHand.of(operation), dropIn.of(operation)
		for i := range max(len(a), len(b)) {
			name := fmt.Sprintf("%s %d", operation, i+1)
			switch {
			case i >= len(a):
				c.DropInOnly = append(c.DropInOnly, Difference{turn, name, "the stage", nil, b[i].Name})
			case i >= len(b):
				c.ByHandOnly = append(c.ByHandOnly, Difference{turn, name, "the stage", a[i].Name, nil})
			default:
				c.stage(turn, name, a[i], b[i])
			}
		}
	}
}

func (t *Turn) of(operation string) (stages []*Stage) {
	for i := range t.Stages {
		if s := &t.Stages[i]; s.Operation() == operation {
			stages = append(stages, s)
		}
	}
	return stages
}

func (c *Comparison) stage(turn int, name string, byHand, dropIn *Stage) {
	c.Times = append(c.Times, Time{turn, name, "start", byHand.Start, dropIn.Start},
		Time{turn, name, "duration", byHand.End - byHand.Start, dropIn.End - dropIn.Start})
	if byHand.Name != dropIn.Name {
		c.Different = append(c.Different, Difference{turn, name, "name", byHand.Name, dropIn.Name})
	}
	if byHand.Error != dropIn.Error {
		c.Different = append(c.Different, Difference{turn, name, "error", byHand.Error, dropIn.Error})
	}
	keys := maps.Clone(byHand.Values)
	maps.Copy(keys, dropIn.Values)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(identities, key) || slices.Contains(derived, key) {
			continue
		}
		a, inA := byHand.Values[key]
		b, inB := dropIn.Values[key]
		d := Difference{turn, name, key, a, b}
		switch {
		case !inA:
			c.DropInOnly = append(c.DropInOnly, d)
		case !inB:
			c.ByHandOnly = append(c.ByHandOnly, d)
		case slices.Contains(times, key):
			c.Times = append(c.Times, Time{turn, name, key, seconds(a), seconds(b)})
		case !reflect.DeepEqual(a, b):
			c.Different = append(c.Different, d)
		default:
			c.Equal++
		}
	}
}

func seconds(v any) time.Duration {
	f, _ := v.(float64)
	return time.Duration(math.Round(f * float64(time.Second)))
}

// String returns the comparison without its times.
func (c *Comparison) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d values are the same\n", c.Equal)
	for _, part := range []struct {
		title string
		list  []Difference
	}{{"different", c.Different}, {"by hand only", c.ByHandOnly}, {"drop-in only", c.DropInOnly}} {
		for _, d := range part.list {
			fmt.Fprintf(&b, "%s: %v\n", part.title, d)
		}
	}
	return b.String()
}
