package dev.millrace.lab.tune;

import java.util.List;

/**
 * What a batch of {@code n} images takes on a device: {@code batchMs + rowMs * n}.
 *
 * @param batchMs at least 0
 * @param rowMs at least 0
 */
record CostLine(double batchMs, double rowMs) {
    /** A measured batch. */
    record Point(int batch, double ms) {}

    /** The line with the least squares of relative errors. */
    static CostLine fit(List<Point> points) {
        double w = 0;
        double wn = 0;
        double wnn = 0;
        double wy = 0;
        double wny = 0;
        for (Point point : points) {
            double weight = 1 / (point.ms() * point.ms());
            w += weight;
            wn += weight * point.batch();
            wnn += weight * point.batch() * point.batch();
            wy += weight * point.ms();
            wny += weight * point.batch() * point.ms();
        }
        double determinant = w * wnn - wn * wn;
        if (determinant <= 1e-9 * w * wnn) {
            return new CostLine(0, wny / wnn);
        }
        double batchMs = (wnn * wy - wn * wny) / determinant;
        double rowMs = (w * wny - wn * wy) / determinant;
        if (batchMs < 0) {
            return new CostLine(0, wny / wnn);
        }
        return rowMs < 0 ? new CostLine(wy / w, 0) : new CostLine(batchMs, rowMs);
    }

    double ms(double batch) {
        return batchMs + rowMs * batch;
    }

    /** One after the other on the same device. */
    CostLine plus(CostLine other) {
        return new CostLine(batchMs + other.batchMs, rowMs + other.rowMs);
    }
}
