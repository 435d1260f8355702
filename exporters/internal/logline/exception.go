// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"errors"
	"fmt"
	"reflect"
)

// Exception returns the text of a field of the exception that no attribute fills: the type or the
// message of the record's error, or "". An attribute with the field's key counts even if it is
// empty, as it does for the SDK.
func (l *Line) Exception(f Field, err error) string {
	if err == nil || l.conventional.Has(f) {
		return ""
	}
	switch f {
	case ExceptionType:
		return errorType(err)
	case ExceptionMessage:
		return errorMessage(err)
	default:
		return "" // Chain and stack trace are attributes only.
	}
}

// errorType returns the same type as the SDK, so that lines and the collector agree: the result of
// the error's ErrorType method, else the Go type of the first error that is not fmt's wrapper, with
// its package path if it has one.
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

// errorMessage returns the text of err. If the Error method panics, as that of a nil pointer may,
// only the text is lost.
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
