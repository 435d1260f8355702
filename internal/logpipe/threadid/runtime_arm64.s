// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux && gc

#include "textflag.h"

// func threadWord(offset uintptr) uintptr
TEXT ·threadWord(SB), NOSPLIT, $0-16
	MOVD offset+0(FP), R1
	MOVD 48(g), R0      // g.m
	MOVD (R0)(R1), R0
	MOVD R0, ret+8(FP)
	RET

// func goroutine() uintptr
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVD g, R0
	MOVD R0, ret+0(FP)
	RET

// func word(address uintptr) uintptr
TEXT ·word(SB), NOSPLIT, $0-16
	MOVD address+0(FP), R0
	MOVD (R0), R0
	MOVD R0, ret+8(FP)
	RET
