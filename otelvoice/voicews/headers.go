// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"context"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// ContextFromHeaders returns a context with the trace or the correlation ID that the headers of a call hold,
// such as traceparent and X-Correlation-ID in the INVITE of SIP. get returns the value of a header, or "".
// A traceparent wins. Pass the context to [NewCall] or to StartSession. With sipgo:
//
//	ctx = voicews.ContextFromHeaders(ctx, tel, func(name string) string {
//		if h := req.GetHeader(name); h != nil {
//			return h.Value()
//		}
//		return ""
//	})
//
// Headers of callers that are not trusted must not choose the trace: do not call it for these.
func ContextFromHeaders(ctx context.Context, tel *otelvoice.Telemetry, get func(name string) string) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if tel == nil || get == nil {
		return ctx
	}
	return assembler.ContextFrom(ctx, tel, get)
}
