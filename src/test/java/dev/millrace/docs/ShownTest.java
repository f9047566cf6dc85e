package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is taken for the output that a page shows, and what is not. */
class ShownTest {
    @Test
    void whatWasMeasuredMayDiffer() {
        assertTrue(
                Shown.fits(
                        "300 messages in 7.4 s: 40.5 images/s",
                        "300 messages in 10.8 s: 27.8 images/s"));
        assertTrue(
                Shown.fits(
                        "mean batch 5.8, 49.2 CPU-ms per image",
                        "mean batch 7.1, 70 CPU-ms per image"));
        assertTrue(Shown.fits("fetch 52 % 26.06", "fetch 2 % 6.06"));
        assertTrue(
                Shown.fits(
                        "limited by: infer (busy 92 %, CPU 98 %)",
                        "limited by: infer (busy 9 %, CPU 100 %)"));
    }

    @Test
    void countsAndWordsMayNot() {
        assertFalse(Shown.fits("called back 300, lost 0", "called back 299, lost 0"));
        assertFalse(Shown.fits("called back 300, lost 0", "called back 300, lost 1"));
        assertFalse(Shown.fits("limited by: infer (busy 92 %)", "limited by: fetch (busy 92 %)"));
        assertFalse(Shown.fits("300 messages in 7.4 s", "300 messages in 7.4 min"));
    }

    @Test
    void scoresMayDifferByLittle() {
        assertTrue(Shown.fits("cat.png Neutral 0.934 cat 0.56", "cat.png Neutral 0.953 cat 0.58"));
        assertFalse(Shown.fits("cat.png Neutral 0.934", "cat.png Neutral 0.834"));
        assertFalse(Shown.fits("cat.png Neutral 0.934", "cat.png Drawing 0.934"));
    }

    @Test
    void dotsStandForWhatIsLeftOut() {
        List<String> printed = List.of("first", "", "second  line", "third", "fourth 4");
        assertEquals(
                Optional.empty(),
                Shown.missing(List.of("first", "second line", "...", "fourth …"), printed));
        assertEquals(Optional.empty(), Shown.missing(List.of("second line"), printed));
        assertTrue(Shown.missing(List.of("first", "third"), printed).isPresent());
        assertTrue(Shown.missing(List.of("third", "...", "first"), printed).isPresent());
        assertTrue(Shown.missing(List.of("fourth 4", "fifth"), printed).isPresent());
    }
}
