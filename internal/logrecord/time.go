// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"strconv"
	"strings"
	"time"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"
)

// Times and durations are text in a record. Programs that read the numbers of JSON as floats
// would round nanoseconds. Nanoseconds have room for the years 1678 to 2262 only, and say neither
// their unit nor what they count from.

const (
	yearLayout = "-01-02T15:04:05.999999999Z"
	mostYear   = 9999 // Of RFC 3339.
	yearDigits = 6    // Of ISO 8601's expanded years, with a sign.
)

// AppendTime appends a time in UTC as RFC 3339 has it, to the nanosecond and without zeros at the
// end: 2024-01-01T12:00:00.5Z. Years that RFC 3339 has no room for have a sign and at least six
// digits, as in ISO 8601 and JavaScript: +012024.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year := t.Year()
	if year >= 0 && year <= mostYear {
		return t.AppendFormat(dst, time.RFC3339Nano)
	}
	sign := byte('+')
	if year < 0 {
		sign, year = '-', -year
	}
	dst = append(dst, sign)
	text := strconv.Itoa(year)
	for range yearDigits - len(text) {
		dst = append(dst, '0')
	}
	return t.AppendFormat(append(dst, text...), yearLayout)
}

// AppendDuration appends a duration with its units, as [time.Duration.String] writes it: 1m30.5s.
// It is exact, and [time.ParseDuration] reads it.
func AppendDuration(dst []byte, d time.Duration) []byte { return append(dst, d.String()...) }

// SetTime does what Set does, with the text of a time.
func (r *Record) SetTime(k *Key, t time.Time) {
	begin := len(r.texts)
	r.texts = AppendTime(r.texts, t)
	r.setText(k, begin)
}

// SetDuration does what Set does, with the text of a duration.
func (r *Record) SetDuration(k *Key, d time.Duration) {
	begin := len(r.texts)
	r.texts = AppendDuration(r.texts, d)
	r.setText(k, begin)
}

// setText sets a text that ends the record's own memory. It costs no allocation, and lasts as
// long as the record does: writers keep nothing of it.
func (r *Record) setText(k *Key, begin int) {
	text := r.texts[begin:]
	v := attribute.StringValue(unsafe.String(unsafe.SliceData(text), len(text))) //nolint:gosec // What was appended is not written again before Free.
	r.Set(k, &v)
}

// kept returns an attribute that may be kept for longer than the record.
func (r *Record) kept(kv attribute.KeyValue) attribute.KeyValue {
	if kv.Value.Type() == attribute.STRING && r.owns(kv.Value.AsString()) {
		kv.Value = attribute.StringValue(strings.Clone(kv.Value.AsString()))
	}
	return kv
}

// owns reports whether a text is in the record's own memory. Memory that was outgrown is not
// used again, and the texts in it stay as they are.
func (r *Record) owns(text string) bool {
	if text == "" || cap(r.texts) == 0 {
		return false
	}
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(r.texts))) //nolint:gosec // Compared, not followed.
	at := uintptr(unsafe.Pointer(unsafe.StringData(text)))      //nolint:gosec // Likewise.
	return at >= begin && at < begin+uintptr(cap(r.texts))
}
