// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Dropin compares agents with drop-in telemetry with the same agents instrumented by hand. Both get
// the same answers of the same vendors, on loopback. It prints the values and times of the stages
// side by side.
//
//	go run .
//	go run . -runs 10
//
// The agents are in phone and web: plain has no telemetry, dropin has at most ten lines more, and
// byhand has all stages in its code.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/examples/dropin/internal/trial"
	"github.com/voice-agents/telemetry/examples/dropin/internal/vendors"
	"github.com/voice-agents/telemetry/semconv"
)

func main() {
	runs := flag.Int("runs", 1, "how often each agent runs")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *runs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run compares both agents, prints the first comparison of each and, for all runs, the largest
// difference of each time.
func run(ctx context.Context, w io.Writer, runs int) (err error) {
	dir, err := os.MkdirTemp("", "dropin-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, agent := range []string{"phone", "web"} {
		byHand, err := build(ctx, dir, agent+"/byhand")
		if err != nil {
			return err
		}
		dropIn, err := build(ctx, dir, agent+"/dropin")
		if err != nil {
			return err
		}
		for n := range runs {
			c, err := compare(ctx, agent, byHand, dropIn)
			if err != nil {
				return err
			}
			largest := c.Largest(unlike()...)
			fmt.Fprintf(w, "%s, run %d: %d values are the same, %d are different; largest difference of a time: %.1f ms (turn %d, %s, %s)\n",
				agent, n+1, c.Equal, len(c.Different), milliseconds(largest.DropIn-largest.ByHand), largest.Turn, largest.Stage, largest.Key)
			if n == 0 {
				fmt.Fprintln(w, c)
			}
		}
	}
	return nil
}

// unlike are the values that are not times of the same thing: ratios, the waits of the code between
// two chunks, and starts and ends, which depend on when the caller's audio arrived.
func unlike() []string {
	return []string{
		string(semconv.VoiceTTSRealTimeFactorKey), string(semconv.VoiceSTTRealTimeFactorKey), string(semconv.VoiceStageHeldUpKey),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// compare runs two versions of an agent.
func compare(ctx context.Context, agent, byHand, dropIn string) (*trial.Comparison, error) {
	a, err := record(ctx, agent, byHand)
	if err != nil {
		return nil, err
	}
	b, err := record(ctx, agent, dropIn)
	if err != nil {
		return nil, err
	}
	return trial.Compare(a, b), nil
}

// record runs an agent against its script.
func record(ctx context.Context, agent, binary string) (*trial.Record, error) {
	if agent == "phone" {
		v := vendors.Start(trial.PhoneScript())
		defer v.Close()
		r, _, err := trial.Phone(ctx, binary, v)
		return r, err
	}
	v := vendors.Start(trial.WebScript())
	defer v.Close()
	r, _, err := trial.Web(ctx, binary, v)
	return r, err
}

// build builds an agent of this module.
func build(ctx context.Context, dir, agent string) (binary string, err error) {
	binary = filepath.Join(dir, strings.ReplaceAll(agent, "/", "-"))
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./"+agent).CombinedOutput() // #nosec G204 -- a constant
	if err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", agent, err, out)
	}
	return binary, nil
}
