// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/recorded"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

// verification is one run of the command.
type verification struct {
	recording, session        string
	agentLeft, markdown, json bool
	pause, window             time.Duration
	start                     time.Time
	options                   []recording.Option
	tolerance                 recording.Tolerance
}

func newVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify --recording CALL.wav TELEMETRY.jsonl...",
		Short: "Compare a call's telemetry with a recording of it",
		Long: `Compares what telemetry says of a call with a recording of it: a stereo WAV file,
the user on the left and the agent on the right. The files of telemetry are those that
the other commands read; - is standard input. Log lines have the instants of speech only if the session has a recording with
a start (Session.SetRecording); else only the response latency is compared.

Exits with 1 if the response latencies differ from the silences in the recording by
more than the bounds, or if one is not found in it.`,
		Example: "otelvoice verify --recording call.wav telemetry.jsonl",
	}
	flags := c.Flags()
	var v verification
	flags.StringVar(&v.recording, "recording", "", "the WAV `FILE`")
	start := flags.String("start", "", "the `TIME` of its first sample, such as 2026-03-04T10:00:00.250Z (RFC 3339; default as the telemetry says)")
	flags.StringVar(&v.session, "session", "", "the `ID` of the session, if the files have several (default the one whose recording has the name of FILE)")
	flags.BoolVar(&v.agentLeft, "agent-left", false, "the agent is on the left, the user on the right")
	flags.DurationVar(&v.pause, "pause", 0, "the longest pause within speech (default 250ms)")
	flags.DurationVar(&v.window, "window", 0, "how far the sound may be from what telemetry says, to be the same (default 1s)")
	flags.DurationVar(&v.tolerance.Median, "median", 0, "the greatest median difference (default 10ms)")
	flags.DurationVar(&v.tolerance.Worst, "worst", 0, "the greatest difference (default 40ms)")
	flags.IntVar(&v.tolerance.Unmatched, "unmatched", 0, "how many turns may not be found in the recording")
	flags.BoolVar(&v.markdown, "markdown", false, "print a table of Markdown")
	flags.BoolVar(&v.json, "json", false, "print a JSON object")
	c.RunE = action(func(c *cobra.Command, files []string) int {
		return v.run(c, *start, files)
	})
	return c
}

// run compares the telemetry in files with the recording.
func (v *verification) run(c *cobra.Command, start string, files []string) int {
	stdout, stderr := c.OutOrStdout(), c.ErrOrStderr()
	var err error
	if start != "" {
		v.start, err = time.Parse(time.RFC3339Nano, start)
	}
	if v.recording == "" || len(files) == 0 || err != nil {
		switch {
		case v.recording == "":
			fmt.Fprintln(stderr, "otelvoice verify: no recording given")
		case len(files) == 0:
			fmt.Fprintln(stderr, "otelvoice verify: no file of telemetry given")
		default:
			fmt.Fprintf(stderr, "otelvoice verify: -start is %q, want the time of the first sample\n", start)
		}
		fmt.Fprintln(stderr, "try: otelvoice verify -recording call.wav telemetry.jsonl")
		return exitUsage
	}
	v.options = []recording.Option{recording.WithPause(v.pause), recording.WithWindow(v.window)}
	if v.agentLeft {
		v.options = append(v.options, recording.WithAgentLeft())
	}
	report, err := v.compare(c, files)
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice verify: %v\n", err)
		return exitFail
	}
	switch {
	case v.json:
		out := json.NewEncoder(stdout)
		out.SetEscapeHTML(false)
		_ = out.Encode(newVerifyResult(report)) // The output keeps the error of a write.
	case v.markdown:
		_ = report.WriteMarkdown(stdout)
	default:
		fmt.Fprint(stdout, report)
	}
	if err := report.Check(v.tolerance); err != nil {
		fmt.Fprintf(stderr, "otelvoice verify: the telemetry differs from the recording:\n%v\n", err)
		return exitFail
	}
	return exitOK
}

// compare reads the files and compares them.
func (v *verification) compare(c *cobra.Command, files []string) (*recording.Report, error) {
	var calls []*recorded.Call
	err := readCalls(c, files, func(document *call.Call) { calls = append(calls, recorded.Of(document)) })
	if err != nil && !errors.Is(err, errNoSignals) {
		return nil, err
	}
	of, err := recorded.Choose(calls, v.session, v.recording)
	if err != nil {
		return nil, err
	}
	start := v.start
	if start.IsZero() {
		start = of.Start
	}
	if start.IsZero() {
		return nil, errors.New("the telemetry does not tell when the recording began: set -start to the time of its first sample")
	}
	f, err := os.Open(v.recording)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	sound, err := recording.Measure(f, v.options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.recording, err)
	}
	return recording.Compare(of.Turns, sound, start, v.options...)
}
