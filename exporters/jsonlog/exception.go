// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/voice-agents/telemetry/internal/jsonenc"
)

// appendException appends what the exception attributes say, and for the type
// and the message that no attribute gives, what err says. An attribute counts as
// given even if it is empty, as it does for the SDK.
func (e *encoder) appendException(dst []byte, err error) []byte {
	const all = 1<<exceptionType | 1<<exceptionMessage | 1<<exceptionChain | 1<<exceptionStacktrace
	if err == nil && e.filled&all == 0 {
		return dst
	}
	begin := len(dst)
	for f := exceptionType; f <= exceptionStacktrace; f++ {
		var derived string
		if err != nil && !e.conventional.has(f) {
			switch f {
			case exceptionType:
				derived = errorType(err)
			case exceptionMessage:
				derived = errorMessage(err)
			default: // Chain and stack trace are not derived here.
			}
		}
		if !e.filled.has(f) && derived == "" {
			continue
		}
		if len(dst) == begin {
			dst = append(dst, `,"exception":{`...)
		} else {
			dst = append(dst, ',')
		}
		if derived == "" {
			dst = e.appendFilled(dst, f)
			continue
		}
		dst = append(dst, labels[f]...)
		dst = jsonenc.AppendText(dst, derived, e.maxText)
	}
	if len(dst) == begin {
		return dst
	}
	return append(dst, '}')
}

// errorType returns the type that the SDK derives from an error, for the line
// must not tell another story than the record in the collector: what the error's
// ErrorType method says, else the Go type of the first error that is more than
// fmt's wrapper, with its package path if it has one.
func errorType(err error) string {
	if typed, ok := err.(interface{ ErrorType() string }); ok {
		if t := callGuarded(typed.ErrorType, ""); t != "" {
			return t
		}
	}
	t := reflect.TypeOf(unwrapFmt(err))
	if t.PkgPath() != "" && t.Name() != "" {
		return t.PkgPath() + "." + t.Name()
	}
	return t.String()
}

func unwrapFmt(err error) error {
	for reflect.TypeOf(err) == fmtWrapper {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	return err
}

var fmtWrapper = reflect.TypeOf(fmt.Errorf("%w", errors.ErrUnsupported))

// errorMessage returns the text of err. An Error method that panics, as that of
// a nil pointer may, costs its own text and no more.
func errorMessage(err error) string {
	return callGuarded(err.Error, "(Error method panicked)")
}

func callGuarded(method func() string, instead string) (text string) {
	defer func() {
		if recover() != nil {
			text = instead
		}
	}()
	return method()
}
