// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// PartialSuccess returns the rejected items and the message in a collector's response. The format is the
// same for all three signals.
func PartialSuccess(answer []byte) (rejected int, message string) {
	otlp.EachField(answer, 1, func(partial []byte) {
		for len(partial) > 0 {
			num, kind, n := protowire.ConsumeTag(partial)
			if n < 0 {
				return
			}
			partial = partial[n:]
			switch {
			case num == 1 && kind == protowire.VarintType:
				v, n := protowire.ConsumeVarint(partial)
				if n < 0 || v > 1<<31 {
					return
				}
				rejected, partial = int(v), partial[n:]
			case num == 2 && kind == protowire.BytesType:
				v, n := protowire.ConsumeBytes(partial)
				if n < 0 {
					return
				}
				message, partial = string(v), partial[n:]
			default:
				if n = protowire.ConsumeFieldValue(num, kind, partial); n < 0 {
					return
				}
				partial = partial[n:]
			}
		}
	})
	return rejected, message
}
