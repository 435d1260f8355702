// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/comparison"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/period"
)

func newCompare() *cobra.Command {
	c := &cobra.Command{
		Use:   "compare BASE NEW",
		Short: "Compare the latencies of two sets of calls",
		Long: "Compares the latencies of the calls in two files: the median and the 95th percentile of the response latency and\n" +
			"of each of its segments, with intervals by the bootstrap over calls, so that noise is not taken for a difference.\n" +
			"A rule that is broken makes the exit status 1: the change is beyond the limit, and its interval does not have 0.\n" +
			"With fewer than 8 calls a side there is no interval, and no rule is checked.\n" +
			"The files may be the same: with --base-version and --new-version, only calls of that version of the agent count,\n" +
			"and with --base-since, --base-until, --new-since and --new-until only those that started in that period.\n\n" + filesHelp,
		Example: `otelvoice compare main.jsonl branch.jsonl --fail 'response_latency.p95 > +10%'
otelvoice compare --base-version 1.4.0 --new-version 1.5.0 agent.jsonl agent.jsonl
otelvoice compare --base-until 2026-03-01T09:00:00Z --new-since 2026-03-01T09:00:00Z agent.jsonl agent.jsonl`,
		Args: arguments(cobra.ExactArgs(2)),
	}
	flags := c.Flags()
	fail := flags.StringArray("fail", nil, "a `RULE` such as \"response_latency.p95 > +10%\" or \"generation.p50 > +200ms\"; may be repeated")
	level := flags.Float64("level", 0.95, "the confidence of the intervals")
	times := flags.Int("resamples", 2000, "how often the calls are resampled")
	seed := flags.Uint64("seed", 1, "the same seed gives the same intervals")
	asJSON := flags.Bool("json", false, "print a JSON object")
	sides := [2]side{{name: "base"}, {name: "new"}}
	for i := range sides {
		sides[i].flags(flags)
	}
	c.RunE = func(c *cobra.Command, files []string) error {
		if *level <= 0.5 || *level >= 1 {
			return usageError{fmt.Errorf("--level is %v, want more than 0.5 and less than 1", *level)}
		}
		if *times < 100 || *times > 100_000 {
			return usageError{fmt.Errorf("--resamples is %d, want 100 to 100000", *times)}
		}
		if files[0] == "-" && files[1] == "-" {
			return usageError{errors.New("BASE and NEW are both standard input")}
		}
		var rules []comparison.Rule
		for _, text := range *fail {
			rule, err := comparison.ParseRule(text)
			if err != nil {
				return usageError{err}
			}
			rules = append(rules, rule)
		}
		var samples [2]latency.Sample
		for i := range sides {
			of, err := sides[i].selection(time.Now())
			if err != nil {
				return usageError{err}
			}
			if err := readSample(c, files[i], of, &samples[i]); err != nil {
				return err
			}
		}
		result := comparison.Compare(&samples[0], &samples[1], rules, latency.Resampling{Level: *level, Times: *times, Seed: *seed})
		var err error
		if *asJSON {
			err = result.WriteJSON(c.OutOrStdout())
		} else {
			err = result.WriteText(c.OutOrStdout(), screen(c))
		}
		if err == nil && result.Failed() {
			return exitError(exitFail)
		}
		return err
	}
	return c
}

// side is what the flags say of one of the two sets.
type side struct{ name, version, since, until string }

func (s *side) flags(flags *pflag.FlagSet) {
	in := "in " + strings.ToUpper(s.name)
	flags.StringVar(&s.version, s.name+"-version", "", "the `VERSION` of the agent "+in)
	flags.StringVar(&s.since, s.name+"-since", "", "the first `TIME` of the calls "+in+": 2026-03-01T09:00:00Z, 2026-03-01, or 2h before now")
	flags.StringVar(&s.until, s.name+"-until", "", "the `TIME` before which the calls "+in+" started")
}

func (s *side) selection(now time.Time) (of selection, err error) {
	of.version = s.version
	for _, limit := range []struct {
		name, text string
		to         *time.Time
	}{{"since", s.since, &of.since}, {"until", s.until, &of.until}} {
		if limit.text == "" {
			continue
		}
		if *limit.to, err = period.Parse(limit.text, now); err != nil {
			return of, fmt.Errorf("--%s-%s: %w", s.name, limit.name, err)
		}
	}
	if !of.until.IsZero() && !of.since.Before(of.until) {
		return of, fmt.Errorf("--%s-since is not before --%s-until", s.name, s.name)
	}
	return of, nil
}
