// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// TransferTarget is what a call is transferred to.
type TransferTarget string

// The targets of transfers.
const (
	TransferToHuman    TransferTarget = semconv.VoiceTransferTargetHuman
	TransferToQueue    TransferTarget = semconv.VoiceTransferTargetQueue
	TransferToAgent    TransferTarget = semconv.VoiceTransferTargetAgent
	TransferToExternal TransferTarget = semconv.VoiceTransferTargetExternal
)

// TransferOutcome is how a transfer ended.
type TransferOutcome string

// The outcomes of transfers.
const (
	TransferConnected TransferOutcome = semconv.VoiceTransferOutcomeConnected
	TransferBusy      TransferOutcome = semconv.VoiceTransferOutcomeBusy
	TransferNoAnswer  TransferOutcome = semconv.VoiceTransferOutcomeNoAnswer
	TransferDeclined  TransferOutcome = semconv.VoiceTransferOutcomeDeclined
	TransferCanceled  TransferOutcome = semconv.VoiceTransferOutcomeCanceled
	TransferFailed    TransferOutcome = semconv.VoiceTransferOutcomeFailed
)

// known returns the target, or "" if it is not one of the constants, so that a number that is passed by
// mistake is not recorded.
func (t TransferTarget) known() TransferTarget {
	switch t {
	case TransferToHuman, TransferToQueue, TransferToAgent, TransferToExternal:
		return t
	}
	return ""
}

func (o TransferOutcome) known() TransferOutcome {
	switch o {
	case TransferConnected, TransferBusy, TransferNoAnswer, TransferDeclined, TransferCanceled, TransferFailed:
		return o
	}
	return ""
}

// A Transfer is a transfer of a call that was started. It is safe for concurrent use, and methods on a nil
// Transfer do nothing.
type Transfer struct {
	session *Session
	target  TransferTarget
	start   time.Time
}

// Transfer records that the call is being transferred: the event voice.transfer.started and a log line, and
// voice.transfer.count on the session. address is the number or the address, or "": it is recorded with
// [WithContentCapture] only, on the line and the session. A target that is not one of the constants is left
// out. Say with [Transfer.End] or [Transfer.Fail] how it ended; a session that ends first ends it with an
// unknown outcome, as after a blind transfer.
//
// After the session's end, and while 64 transfers and holds of it are open, Transfer returns nil.
func (s *Session) Transfer(to TransferTarget, address string) *Transfer {
	if s == nil {
		return nil
	}
	t := &Transfer{session: s, target: to.known(), start: time.Now()}
	if !s.tel.content {
		address = ""
	}
	address = strings.Clone(address[:min(len(address), maxAddress)])
	unknown := func(now time.Time) { t.record(now, "", nil) }
	if !s.begin(semconv.VoiceTransferCountKey, "a transfer", t, unknown, func(f *sessionFacts) {
		f.transfers++
		if address != "" {
			f.address = address
		}
	}) {
		return nil
	}
	at := time.Now()
	attrs := t.attributes("")
	emit.AddEvent(s.span, semconv.EventVoiceTransferStarted, at, attrs...)
	if address != "" {
		attrs = append(attrs, semconv.VoiceTransferAddress(address))
	}
	s.tel.emit.Log.Session(s.ctx, calllog.Info, "transfer started", nil, attrs...)
	return t
}

// maxAddress is the maximum size of an address, in bytes.
const maxAddress = 256

// End records how the transfer ended: the event voice.transfer.ended, a log line, and the metric
// voice.transfer.count. An outcome that is not one of the constants is left out. Only the first End or Fail
// counts. After the session's end it does nothing, because the session ended the transfer.
func (t *Transfer) End(outcome TransferOutcome) {
	if t != nil {
		t.finish(outcome.known(), nil)
	}
}

// Fail records that an error ended the transfer. A nil error is [TransferConnected]. Only the type of the
// error is recorded, because its text often has the number.
func (t *Transfer) Fail(err error) {
	switch {
	case t == nil:
	case err == nil:
		t.finish(TransferConnected, nil)
	default:
		t.finish(TransferFailed, err)
	}
}

func (t *Transfer) finish(outcome TransferOutcome, err error) {
	f := &t.session.facts
	f.mu.Lock()
	_, first := f.open[t]
	delete(f.open, t)
	f.mu.Unlock()
	if first {
		t.record(time.Now(), outcome, err)
	}
}

func (t *Transfer) record(at time.Time, outcome TransferOutcome, err error) {
	attrs := t.attributes(outcome)
	if err != nil {
		attrs = append(attrs, semconv.ErrorType(failure.Type(err)))
	}
	s := t.session
	s.happened(at, semconv.EventVoiceTransferEnded, "transfer ended", attrs...)
	s.count(func() { s.tel.emit.Metrics.Transferred(s.ctx, string(t.target), string(outcome), s.config.channel) })
}

func (t *Transfer) attributes(outcome TransferOutcome) (attrs []attribute.KeyValue) {
	if t.target != "" {
		attrs = append(attrs, semconv.VoiceTransferTarget(string(t.target)))
	}
	if outcome != "" {
		attrs = append(attrs, semconv.VoiceTransferOutcome(string(outcome)))
	}
	return attrs
}
