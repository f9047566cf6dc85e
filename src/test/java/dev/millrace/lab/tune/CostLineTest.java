package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CostLineTest {
    @Test
    void findsTheLineOfADeviceThatHasOne() {
        CostLine line = CostLine.fit(points(2, 0.25));
        assertEquals(2, line.batchMs(), 1e-6);
        assertEquals(0.25, line.rowMs(), 1e-6);
        assertEquals(10, line.ms(32), 1e-6);
    }

    @Test
    void neverCostsLessThanNothing() {
        List<CostLine.Point> bent =
                List.of(
                        new CostLine.Point(1, 1),
                        new CostLine.Point(2, 3),
                        new CostLine.Point(4, 9));
        CostLine line = CostLine.fit(bent);
        assertTrue(line.batchMs() >= 0 && line.rowMs() > 0, line::toString);
    }

    @Test
    void takesOnePointForCostPerImage() {
        CostLine line = CostLine.fit(List.of(new CostLine.Point(4, 8)));
        assertEquals(16, line.ms(8), 1e-6);
    }

    @Test
    void modelsRunOneAfterTheOther() {
        CostLine both = new CostLine(2, 0.25).plus(new CostLine(1, 0.5));
        assertEquals(2 + 1 + 8 * 0.75, both.ms(8), 1e-9);
    }

    private static List<CostLine.Point> points(double batchMs, double rowMs) {
        return IntStream.of(1, 2, 4, 8, 16)
                .mapToObj(batch -> new CostLine.Point(batch, batchMs + rowMs * batch))
                .toList();
    }
}
