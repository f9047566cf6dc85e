package dev.millrace.image;

/**
 * Which scans of a progressive JPEG libjpeg-turbo does not need at a reduced scale. Their Huffman
 * codes, most of what such a file costs, are then never decoded.
 *
 * <p>A block that becomes one sample shows nothing but its mean, so no other coefficient is needed
 * and the result is the same to the bit. A block of the luma that becomes 2 x 2 or 4 x 4 samples
 * may do with fewer coefficients and with fewer of their bits, where the caller allows for it.
 *
 * <p>libjpeg-turbo guesses what has not come of a coefficient from the blocks around, which would
 * take time and change the result. It does not guess where a quantisation value is zero, so one is
 * zeroed that nothing at this scale reads. Or all values of the luma are multiplied by what its
 * missing bits stand for, so that its coefficients pass for whole.
 *
 * @param scans those that may be left out, a bit for each from the first on
 * @param zeroed the quantisation table in which the value of {@link #UNREAD} is to be zeroed, or -1
 * @param multiplied the quantisation table, all whose values but the mean's are to be multiplied,
 *     or -1
 * @param missing how many low bits the coefficients will lack where a table is multiplied; the
 *     scans that are left must name so many fewer
 */
record SpareScans(long scans, int zeroed, int multiplied, int missing) {
    /** Nothing is left out or changed. */
    static final SpareScans NONE = new SpareScans(0, -1, -1, 0);

    /** In zigzag order; of row 2 and column 0, which blocks of 1 x 1 and 2 x 2 samples ignore. */
    static final int UNREAD = 3;

    /** The last of the coefficients whose errors show most. */
    private static final int COARSE = 5;

    /**
     * A block of 2 x 2 samples hardly shows those from here on; encoders begin a band here or at 9.
     */
    private static final int FINE = COARSE + 1;

    private static final int NO_BAND = ProgressiveScans.COEFFICIENTS;

    /**
     * By how much a coarse coefficient may be off where a block becomes 2 x 2 samples, and where it
     * becomes 4 x 4. The mean photo is then off by half as much as by the reduction itself.
     */
    private static final int MOST_OFF_2 = 42;

    private static final int MOST_OFF_4 = 9;

    /**
     * @param body a JPEG that passed the gate
     * @param firstScanEnd as in {@link ImageHeader}
     * @param reduction into what part of its sides it is decoded: 1, 2, 4 or 8
     * @param exactly whether the result must be the same to the bit
     */
    static SpareScans of(byte[] body, int firstScanEnd, int reduction, boolean exactly) {
        if (reduction == 1) {
            return NONE;
        }
        return ProgressiveScans.of(body, firstScanEnd)
                .map(scans -> of(scans, reduction, exactly))
                .orElse(NONE);
    }

    private static SpareScans of(ProgressiveScans scans, int reduction, boolean exactly) {
        if (!exactly && reduction < 8 && hasLuma(scans)) {
            int samples = scans.samples(0, reduction);
            if (samples == 2) {
                int missing = missing(scans, MOST_OFF_2);
                return zeroing(scans.table(0), spare(scans, 0, FINE, missing));
            }
            if (samples == 4) {
                return multiplying(scans);
            }
        }
        return exact(scans, reduction);
    }

    /** Whether the first component is brightness alone; what shares its table may be as well. */
    private static boolean hasLuma(ProgressiveScans scans) {
        boolean alone = scans.components() == 1 || scans.components() == 3;
        for (int i = 1; i < scans.components(); i++) {
            alone &= scans.table(i) != scans.table(0);
        }
        return alone;
    }

    private static SpareScans exact(ProgressiveScans scans, int reduction) {
        long spare = 0;
        int table = -1;
        for (int i = 0; i < scans.components(); i++) {
            if (scans.samples(i, reduction) == 1) {
                spare |= spare(scans, i, 1, 0);
                table = scans.table(i);
            }
        }
        for (int i = 0; i < scans.components(); i++) {
            if (scans.table(i) == table && scans.samples(i, reduction) > 2) {
                return NONE;
            }
        }
        return zeroing(table, spare);
    }

    private static SpareScans zeroing(int table, long spare) {
        return spare == 0 ? NONE : new SpareScans(spare, table, -1, 0);
    }

    private static SpareScans multiplying(ProgressiveScans scans) {
        int missing = missing(scans, MOST_OFF_4);
        // All coefficients must lack as many.
        for (int i = 0; i < scans.count(); i++) {
            if (scans.hasAc(i, 0) && scans.missingBefore(i) == 0) {
                missing = Math.min(missing, scans.missingAfter(i));
            }
        }
        return missing == 0
                ? NONE
                : new SpareScans(spare(scans, 0, NO_BAND, missing), -1, scans.table(0), missing);
    }

    /** How many low bits the coarse coefficients may lack. */
    private static int missing(ProgressiveScans scans, int mostOff) {
        int coarsest = scans.largestValue(scans.table(0), 1, COARSE);
        int missing = 0;
        while (missing < ProgressiveScans.MOST_MISSING
                && (coarsest << missing + 1) - coarsest <= mostOff) {
            missing++;
        }
        return missing;
    }

    /**
     * The scans of a component that can go: those of a band from {@code fine} on, and those that
     * bring one of the last {@code missing} bits, unless a later one that stays builds on them.
     */
    private static long spare(ProgressiveScans scans, int component, int fine, int missing) {
        long spare = 0;
        long needed = 0;
        for (int i = scans.count() - 1; i >= 0; i--) {
            if (!scans.hasAc(i, component)) {
                continue;
            }
            int before = scans.missingBefore(i);
            boolean unseen = scans.first(i) >= fine || before > 0 && before <= missing;
            if (unseen && (needed & scans.band(i)) == 0) {
                spare |= 1L << i;
            } else {
                needed |= scans.band(i);
            }
        }
        return spare;
    }

    boolean leavesOut(int scan) {
        return (scans >>> scan & 1) != 0;
    }
}
