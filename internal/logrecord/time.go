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

// Times and durations are text in a record. Programs that read JSON numbers as floats would
// round nanoseconds. An int64 of nanoseconds covers only the years 1678 to 2262, and shows neither
// unit nor epoch.

const (
	yearLayout = "-01-02T15:04:05.999999999Z"
	maxYear    = 9999 // The last year that RFC 3339 can write.
	yearDigits = 6    // Digits of an ISO 8601 expanded year, which has a sign.
)

// AppendTime appends a time in UTC in the format of RFC 3339, with nanoseconds and without
// trailing zeros: 2024-01-01T12:00:00.5Z. Years outside of 0 to 9999 have a sign and at least six
// digits, as in ISO 8601 and JavaScript: +012024.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year := t.Year()
	if year >= 0 && year <= maxYear {
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

// AppendDuration appends a duration with its units, in the format of [time.Duration.String]:
// 1m30.5s. The text is exact, and [time.ParseDuration] reads it.
func AppendDuration(dst []byte, d time.Duration) []byte { return append(dst, d.String()...) }

// SetTime sets the attribute with the key to the text of a time.
func (r *Record) SetTime(k *Key, t time.Time) {
	begin := len(r.texts)
	r.texts = AppendTime(r.texts, t)
	r.setText(k, begin)
}

// SetDuration sets the attribute with the key to the text of a duration.
func (r *Record) SetDuration(k *Key, d time.Duration) {
	begin := len(r.texts)
	r.texts = AppendDuration(r.texts, d)
	r.setText(k, begin)
}

// setText sets the attribute with the key to the text at the end of r.texts. It does not
// allocate. The text is valid until Free, which is enough because writers keep nothing.
func (r *Record) setText(k *Key, begin int) {
	text := r.texts[begin:]
	v := attribute.StringValue(unsafe.String(unsafe.SliceData(text), len(text))) //nolint:gosec // Appended bytes are not overwritten before Free.
	r.Set(k, &v)
}

// kept returns an attribute that remains valid after Free.
func (r *Record) kept(kv attribute.KeyValue) attribute.KeyValue {
	if kv.Value.Type() == attribute.STRING && r.owns(kv.Value.AsString()) {
		kv.Value = attribute.StringValue(strings.Clone(kv.Value.AsString()))
	}
	return kv
}

// owns reports whether a text is in r.texts. A buffer that r.texts has outgrown is not used
// again, so texts in it never change.
func (r *Record) owns(text string) bool {
	if text == "" || cap(r.texts) == 0 {
		return false
	}
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(r.texts))) //nolint:gosec // Compared, not followed.
	at := uintptr(unsafe.Pointer(unsafe.StringData(text)))      //nolint:gosec // Likewise.
	return at >= begin && at < begin+uintptr(cap(r.texts))
}
