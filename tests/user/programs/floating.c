/* Uses floating point: ends with status 0 where there is a unit for it. */

int main(void) {
    volatile double number = 1.5;
    number *= 2;
    return number != 3;
}
