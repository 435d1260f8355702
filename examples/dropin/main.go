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

	"github.com/voice-agents/telemetry/examples/dropin/internal/trial"
	"github.com/voice-agents/telemetry/examples/dropin/internal/vendors"
)

func main() {
	runs := flag.Int("runs", 1, "how often each agent runs")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *runs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run compares both agents. It prints the values of the first run and the medians of the times.
func run(ctx context.Context, w io.Writer, runs int) (err error) {
	dir, err := os.MkdirTemp("", "dropin-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, agent := range []string{"phone", "web"} {
		if err := build(ctx, dir, agent); err != nil {
			return err
		}
		var all []*trial.Comparison
		for n := range runs {
			c, err := compare(ctx, dir, agent)
			if err != nil {
				return err
			}
			if all = append(all, c); n == 0 {
				fmt.Fprintf(w, "%s: %v\n", agent, c)
			} else if len(c.Different) > 0 || c.Equal != all[0].Equal {
				fmt.Fprintf(w, "%s, run %d: %v\n", agent, n+1, c)
			}
		}
		medians := trial.MediansOf(all)
		largest := medians.Largest()
		fmt.Fprintf(w, "%s, medians of %d runs; the largest difference is %v (turn %d, %s, %s)\n%v\n",
			agent, runs, (largest.DropIn - largest.ByHand).Abs(), largest.Turn, largest.Stage, largest.Key, medians)
	}
	return nil
}

// compare runs the two versions of an agent.
func compare(ctx context.Context, dir, agent string) (*trial.Comparison, error) {
	byHand, err := record(ctx, dir, agent, "byhand")
	if err != nil {
		return nil, err
	}
	dropIn, err := record(ctx, dir, agent, "dropin")
	if err != nil {
		return nil, err
	}
	return trial.Compare(byHand, dropIn), nil
}

// record runs a version of an agent against its script.
func record(ctx context.Context, dir, agent, version string) (*trial.Record, error) {
	binary := filepath.Join(dir, agent, version)
	if agent == "phone" {
		v := vendors.Start(trial.PhoneScript())
		defer v.Close()
		return trial.Phone(ctx, binary, v)
	}
	if agent == "speech" {
		v := vendors.Start(trial.SpeechScript())
		defer v.Close()
		return trial.Speech(ctx, binary, v)
	}
	v := vendors.Start(trial.WebScript())
	defer v.Close()
	return trial.Web(ctx, binary, v)
}

// build builds the versions of an agent.
func build(ctx context.Context, dir, agent string) error {
	to := filepath.Join(dir, agent) + string(filepath.Separator)
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", to, "./"+agent+"/...").CombinedOutput() // #nosec G204 -- a constant
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", agent, err, out)
	}
	return nil
}
