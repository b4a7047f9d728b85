#include <iostream>

int main()
{
    for (int guess = 0; guess <= 111; guess++)
        std::cout << "is it " << guess << "?\n" << guess << '\n';
}
