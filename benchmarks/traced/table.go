// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/benchmarks/paired"
)

// Titles of tables.
const (
	Turn          = "A turn: five spans, fourteen marks, 25 measurements"
	UnsampledTurn = "The same turn, not sampled"
	Loopback      = "The same over loopback, the client's part included"
	OpenStreams   = "A stream that is open, 20 of its chunks read"
	Streamed      = "A streamed answer of 500 chunks over loopback, the server's part included"
)

// Tables returns the tables. It starts nothing. The time is CPU time, because batches and garbage
// collection in the background are part of the cost of a span.
func Tables(p paired.Plan) []paired.Table {
	p.CPU = true
	p.Each *= 4 // The resolution of CPU time is lower than that of the clock.
	turn, request := p, p
	turn.Most, request.Most = queue/8, queue/2
	open := p
	open.Most, open.Held = 1000, true
	s, unsampled := dropping(sdktrace.AlwaysSample()), dropping(sdktrace.NeverSample())
	return []paired.Table{
		{Title: Turn, Contenders: turns(s), Plan: turn},
		{Title: UnsampledTurn, Contenders: turns(unsampled), Plan: turn},
		{Title: "A measurement with four attributes", Contenders: measurements(s), Plan: p},
		{Title: "A request through a server's handler", Contenders: handlers(s, direct), Plan: request},
		{Title: Loopback, Contenders: handlers(s, overLoopback), Plan: request},
		{Title: "A request through a client's transport that answers at once", Contenders: transports(s), Plan: request},
		{Title: Streamed, Contenders: streams(s, true), Plan: request},
		{Title: "The same answer, as fast as the server can send", Contenders: streams(s, false), Plan: request},
		{Title: OpenStreams, Contenders: openStreams(s), Plan: open},
		{Title: "A turn through the pipeline, 500 calls at once, providers that need no time", Contenders: pipelines(s), Plan: turn},
	}
}
