package main

import (
	"context"
	"io"
)

const bareName = "bare"

func bareChild(args []string, in io.Reader, out io.Writer) error { return nil }

func cost(ctx context.Context, dir string, w wish) error { return nil }

func soak(ctx context.Context, n int) error { return nil }
