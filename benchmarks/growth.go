// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/benchmarks/traced"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// growth returns the contenders that write lines in a number of calls in rotation, the smallest
// number first. Each call has an open turn.
func growth(w func() io.Writer, sessions ...int) (all []paired.Contender) {
	for _, n := range sessions {
		all = append(all, paired.Contender{Name: fmt.Sprintf("calls: %d", n), Start: func() (paired.Work, error) { return inCalls(n, w()) }})
	}
	return all
}

// writers returns the contenders that write lines from a number of concurrent goroutines, in as
// many calls in rotation, the smallest number first.
func writers(w func() io.Writer, goroutines ...int) (all []paired.Contender) {
	for _, n := range goroutines {
		all = append(all, paired.Contender{Name: fmt.Sprintf("goroutines: %d", n), Start: func() (paired.Work, error) {
			one, err := inCalls(n, w())
			run := one.Run
			one.Run = func(total int) { paired.InParallel(n, total, run) }
			return one, err
		}})
	}
	return all
}

func growthTables(w func() io.Writer, p paired.Plan) []paired.Table {
	spent := p
	spent.CPU = true
	return []paired.Table{
		{Title: "A JSON line, calls that go on meanwhile", Contenders: growth(w, 10, 1000, 10_000), Plan: spent},
		{Title: "A JSON line, goroutines that write at once", Contenders: writers(w, 1, 2, 4, 8), Plan: p},
		{Title: "The same by the CPU: what they cost each other", Contenders: writers(w, 1, 2, 4, 8), Plan: spent},
	}
}

// inCalls logs in a number of calls, one line in each in rotation.
func inCalls(n int, w io.Writer) (paired.Work, error) {
	tel, err := traced.Setup(nil, voicesdk.WithLogWriter(w), voicesdk.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(nil)))
	if err != nil {
		return paired.Work{}, err
	}
	logger := tel.Logger(module, otelvoice.Component(model, otelvoice.ComponentLLM))
	inTurn := make([]context.Context, 0, n)
	for range n {
		inTurn = append(inTurn, newTurn(tel.Telemetry))
	}
	return paired.Work{
		Run: func(total int) {
			for i := range total {
				slogLine(inTurn[i%n], logger)
			}
		},
		Stop: func() { _ = tel.Shutdown(context.Background()) },
	}, nil
}

// newTurn returns the context of a call's turn, which stays open until the shutdown.
func newTurn(tel *otelvoice.Telemetry) context.Context {
	ctx, session := tel.StartSession(context.Background())
	ctx, _ = session.StartTurn(ctx)
	return ctx
}
