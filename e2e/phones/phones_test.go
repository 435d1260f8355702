// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package phones_test compares the telephone numbers that redaction finds with those of libphonenumber,
// which has the formats of each country.
package phones_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/voice-agents/telemetry/redact"
)

// national are the countries whose national format, without a plus, is redacted: those in the
// documentation of package redact.
var national = []string{"DE", "GB", "FR", "US", "CA"}

var kinds = []phonenumbers.PhoneNumberType{
	phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE,
	phonenumbers.SHARED_COST, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN, phonenumbers.VOICEMAIL,
}

// The example numbers of all countries are redacted in each international format.
func TestInternationalNumbers(t *testing.T) {
	r := redact.New(redact.Default()...)
	numbers, left := 0, 0
	for region := range phonenumbers.GetSupportedRegions() {
		for _, number := range examples(region) {
			for _, format := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.RFC3966} {
				text := phonenumbers.Format(number, format)
				if digits(text) < 8 { // Too short to be redacted.
					continue
				}
				numbers++
				if got := r.String("ask " + text + " now"); digits(got) > 0 {
					left++
					t.Errorf("%s: %q became %q", region, text, got)
				}
			}
		}
	}
	t.Logf("%d numbers, %d left", numbers, left)
}

// The example numbers of the documented countries are redacted in their national format.
func TestNationalNumbers(t *testing.T) {
	r := redact.New(redact.Default()...)
	numbers, left := 0, 0
	for _, region := range national {
		for _, number := range examples(region) {
			text := phonenumbers.Format(number, phonenumbers.NATIONAL)
			if !slices.ContainsFunc([]string{" ", "-", ")"}, func(s string) bool { return strings.Contains(text, s) }) || digits(text) < 9 {
				continue // Digits alone may have any meaning.
			}
			numbers++
			if got := r.String("ask " + text + " now"); digits(got) > 0 {
				left++
				t.Errorf("%s: %q became %q", region, text, got)
			}
		}
	}
	t.Logf("%d numbers, %d left", numbers, left)
}

func examples(region string) (numbers []*phonenumbers.PhoneNumber) {
	for _, kind := range kinds {
		if number := phonenumbers.GetExampleNumberForType(region, kind); number != nil {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

func digits(s string) (n int) {
	for _, c := range s {
		if '0' <= c && c <= '9' {
			n++
		}
	}
	return n
}
