package dev.millrace.worker;

import java.util.function.BooleanSupplier;

/** How a worker is, for those who ask: whether it works at all, and whether it takes work now. */
record Health(BooleanSupplier live, BooleanSupplier ready) {}
