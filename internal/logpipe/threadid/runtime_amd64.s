// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux && gc

#include "textflag.h"

// func threadWord(offset uintptr) uintptr
TEXT ·threadWord(SB), NOSPLIT, $0-16
	MOVQ offset+0(FP), CX
	MOVQ (TLS), AX      // g
	MOVQ 48(AX), AX     // g.m
	MOVQ (AX)(CX*1), AX
	MOVQ AX, ret+8(FP)
	RET

// func goroutine() uintptr
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

// func word(address uintptr) uintptr
TEXT ·word(SB), NOSPLIT, $0-16
	MOVQ address+0(FP), AX
	MOVQ (AX), AX
	MOVQ AX, ret+8(FP)
	RET
