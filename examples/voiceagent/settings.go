// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"

	"github.com/voice-agents/telemetry/examples/voiceagent/agent"
	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
	"github.com/voice-agents/telemetry/otelvoice"
)

// settings are the flags and the environment.
type settings struct {
	calls       int
	turns       int // Of each call, without the greeting.
	concurrency int
	seed        uint64
	speed       pace.Speed
	recordings  string // The directory of the recordings; empty for none.
	view        bool   // Whether the calls are shown in the browser.
	provider    remote
	models      agent.Models
	network     network
}

// remote is the provider that the environment names, or zero.
type remote struct{ baseURL, key string }

func (r remote) set() bool { return r.baseURL != "" && r.key != "" }

// errHelp reports that the usage was requested and printed.
var errHelp = flag.ErrHelp

// parse parses flags and environment. It writes the usage to w.
func parse(args []string, env func(string) (string, bool), w io.Writer) (settings, error) {
	get := func(name, fallback string) string {
		value, _ := env(name)
		return cmp.Or(value, fallback)
	}
	s := settings{
		provider: remote{baseURL: get("OPENAI_BASE_URL", ""), key: get("OPENAI_API_KEY", "")},
		models: agent.Models{
			Transcription: otelvoice.Model{Provider: "openai", Name: get("OPENAI_TRANSCRIPTION_MODEL", "whisper-1")},
			Chat:          otelvoice.Model{Provider: "openai", Name: get("OPENAI_CHAT_MODEL", "gpt-4o-mini")},
			Speech:        otelvoice.Model{Provider: "openai", Name: get("OPENAI_SPEECH_MODEL", "tts-1")},
		},
	}
	speed := 5.0
	if s.provider.set() {
		speed = 1 // A real provider cannot be hurried.
	}

	flags := flag.NewFlagSet("voiceagent", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // The caller reports the error once.
	flags.IntVar(&s.calls, "calls", 2, "how many calls are made")
	flags.IntVar(&s.turns, "turns", 4, "how often the caller speaks in each call")
	flags.IntVar(&s.concurrency, "concurrency", 2, "how many calls are made at a time")
	flags.Uint64Var(&s.seed, "seed", 1, "chooses the delays of the loopback providers and the callers' correlation IDs")
	flags.Float64Var(&speed, "speed", speed, "how many times faster than life everything runs; 20 is for the impatient")
	flags.StringVar(&s.recordings, "record", "", "write a WAV file of each call to the directory `DIR`, at life's speed: the caller on the left, the agent on the right")
	flags.BoolVar(&s.view, "view", false, "show the calls in the browser, until Ctrl-C")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(w, "usage: voiceagent [flags]")
			flags.SetOutput(w)
			flags.PrintDefaults()
		}
		return s, err
	}
	if s.recordings != "" {
		hurried := false
		flags.Visit(func(f *flag.Flag) { hurried = hurried || f.Name == "speed" && speed != 1 })
		if hurried {
			return s, fmt.Errorf("-record with -speed %v: a recording is made at life's speed, which is 1", speed)
		}
		speed = 1
	}
	s.speed = pace.Speed(speed)
	return s, s.check(flags.Args())
}

func (s settings) check(rest []string) error {
	const most = 1000
	var errs []error
	if len(rest) > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q", rest[0]))
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"calls", s.calls}, {"turns", s.turns}, {"concurrency", s.concurrency}} {
		if f.value < 1 || f.value > most {
			errs = append(errs, fmt.Errorf("-%s %d: want a number from 1 to %d", f.name, f.value, most))
		}
	}
	if v := float64(s.speed); !(v > 0) || math.IsInf(v, 0) {
		errs = append(errs, fmt.Errorf("-speed %v: want a number above 0", v))
	}
	return errors.Join(errs...)
}
